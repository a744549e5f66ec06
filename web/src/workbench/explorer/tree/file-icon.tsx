import type { FileEntry } from "@remote-claude/protocol";
import {
  BracesIcon,
  DatabaseIcon,
  FileArchiveIcon,
  FileCodeIcon,
  FileCogIcon,
  FileIcon,
  FileImageIcon,
  FileLockIcon,
  FileMusicIcon,
  FileSpreadsheetIcon,
  FileTerminalIcon,
  FileTextIcon,
  FileTypeIcon,
  FileVideoIcon,
  FileXIcon,
  GitBranchIcon,
  HashIcon,
  type LucideIcon,
} from "lucide-react";
import { cn } from "../../../lib/utils.ts";

const code = "text-info";
const kinds: readonly (readonly [RegExp, LucideIcon, string])[] = [
  [/^\.git(ignore|attributes|modules|keep)$/, GitBranchIcon, "text-clay"],
  [/^(package-lock\.json|.*\.lock|yarn\.lock|pnpm-lock\.yaml|go\.sum)$/, FileLockIcon, ""],
  [/^(dockerfile|makefile|justfile|\.env.*|\.editorconfig|\.npmrc|\.nvmrc|.*rc)$/, FileCogIcon, ""],
  [/\.(json|jsonc|json5|ndjson)$/, BracesIcon, "text-warning"],
  [/\.(ya?ml|toml|ini|cfg|conf|properties)$/, FileCogIcon, ""],
  [/\.(css|scss|sass|less)$/, HashIcon, code],
  [/\.(md|mdx|markdown|rst|txt|adoc|log)$|^(license|licence|readme|changelog|authors)$/, FileTextIcon, ""],
  [/\.(png|jpe?g|gif|webp|avif|svg|ico|bmp|tiff?)$/, FileImageIcon, "text-success"],
  [/\.(zip|t?gz|tar|bz2|xz|zst|7z|rar|jar|whl)$/, FileArchiveIcon, ""],
  [/\.(sh|bash|zsh|fish|ps1|bat|cmd)$/, FileTerminalIcon, "text-success"],
  [/\.(csv|tsv|xlsx?|ods)$/, FileSpreadsheetIcon, "text-success"],
  [/\.(sql|db|sqlite3?|prisma)$/, DatabaseIcon, ""],
  [/\.(mp4|mov|webm|mkv)$/, FileVideoIcon, ""],
  [/\.(mp3|wav|ogg|flac|m4a)$/, FileMusicIcon, ""],
  [/\.(woff2?|ttf|otf|eot)$/, FileTypeIcon, ""],
  [/\.[mc]?tsx?$/, FileCodeIcon, code],
  [/\.[mc]?jsx?$/, FileCodeIcon, "text-warning"],
  [/\.(html?|xml|vue|svelte|astro)$/, FileCodeIcon, "text-clay"],
  [
    /\.(py|rb|go|rs|java|kts?|c|h|cc|cpp|hpp|cs|php|swift|scala|lua|pl|r|jl|ex|exs|erl|hs|dart|zig|proto|graphql)$/,
    FileCodeIcon,
    code,
  ],
];

/** A sign for the kind of file, by its name. */
export function FileTypeMark({ name, type }: Pick<FileEntry, "name" | "type">) {
  const lower = name.toLowerCase();
  const [, Icon, tone] =
    type === "other"
      ? [null, FileXIcon, ""]
      : (kinds.find(([pattern]) => pattern.test(lower)) ?? [null, FileIcon, ""]);
  return <Icon className={cn("size-3.5 shrink-0 text-muted-foreground", tone)} aria-hidden />;
}
