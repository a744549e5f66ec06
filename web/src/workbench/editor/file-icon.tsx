import {
  BookTextIcon,
  BracesIcon,
  DatabaseIcon,
  FileArchiveIcon,
  FileCode2Icon,
  FileCogIcon,
  FileIcon as FileGenericIcon,
  FileImageIcon,
  FileLockIcon,
  FileTextIcon,
  FileTypeIcon,
  GitBranchIcon,
  type LucideIcon,
  PaletteIcon,
  SquareTerminalIcon,
} from "lucide-react";
import { cn } from "../../lib/utils.ts";

type Look = readonly [LucideIcon, string];

const blue = "text-info";
const yellow = "text-warning";
const green = "text-success";
const clay = "text-clay";
const grey = "text-muted-foreground";

const looks: readonly (readonly [RegExp, Look])[] = [
  [/^readme|^license|^changelog/i, [BookTextIcon, blue]],
  [/^(package-lock\.json|.*\.lock|pnpm-lock\.yaml)$/i, [FileLockIcon, grey]],
  [/^(dockerfile|containerfile|makefile)|^\.(editorconfig|npmrc|nvmrc|env)/i, [FileCogIcon, clay]],
  [/^\.git/, [GitBranchIcon, clay]],
  [/\.(ts|tsx|mts|cts)$/i, [FileCode2Icon, blue]],
  [/\.(js|jsx|mjs|cjs)$/i, [FileCode2Icon, yellow]],
  [/\.(json|jsonc|json5|webmanifest)$/i, [BracesIcon, yellow]],
  [
    /\.(py|rb|go|rs|java|kt|c|h|cc|cpp|hpp|cs|php|swift|scala|lua|pl|r|dart|ex|exs|clj|zig|vue|svelte)$/i,
    [FileCode2Icon, green],
  ],
  [/\.(html?|xml|xhtml)$/i, [FileCode2Icon, clay]],
  [/\.(css|scss|sass|less)$/i, [PaletteIcon, blue]],
  [/\.(sh|bash|zsh|fish|bat|ps1)$/i, [SquareTerminalIcon, green]],
  [/\.(png|jpe?g|gif|webp|svg|ico|bmp|avif)$/i, [FileImageIcon, green]],
  [/\.(zip|gz|tgz|tar|bz2|xz|7z|jar|whl)$/i, [FileArchiveIcon, grey]],
  [/\.(ya?ml|toml|ini|conf|cfg)$/i, [FileCogIcon, grey]],
  [/\.(md|mdx|rst|txt|adoc|log)$/i, [FileTextIcon, blue]],
  [/\.(sql|db|sqlite3?)$/i, [DatabaseIcon, clay]],
  [/\.(woff2?|ttf|otf)$/i, [FileTypeIcon, grey]],
];

/** A file's icon, by its name. */
export function FileIcon({ name, className }: { name: string; className?: string }) {
  const [Icon, colour] = looks.find(([pattern]) => pattern.test(name))?.[1] ?? [FileGenericIcon, grey];
  return <Icon className={cn("size-4 shrink-0", colour, className)} strokeWidth={1.75} aria-hidden />;
}
