import { MonitorIcon, MoonIcon, SunIcon } from "lucide-react";
import { useTheme } from "next-themes";
import { Badge } from "../components/ui/badge.tsx";
import { useCurrentUser } from "../lib/current-user.tsx";
import { useIsAlive } from "../lib/use-is-alive.ts";
import { cn } from "../lib/utils.ts";
import { Section } from "./section.tsx";

const themes = [
  { value: "light", label: "Light", Icon: SunIcon },
  { value: "dark", label: "Dark", Icon: MoonIcon },
  { value: "system", label: "System", Icon: MonitorIcon },
] as const;

/** The server does not know the theme: nothing is chosen until the browser draws. */
function useChosenTheme(): [string | undefined, (theme: string) => void] {
  const { theme, setTheme } = useTheme();
  return [useIsAlive() ? theme : undefined, setTheme];
}

export function ProfileSection() {
  const user = useCurrentUser();
  const [theme, setTheme] = useChosenTheme();
  return (
    <Section title="Profile" description="Who you are here, and how it looks to you.">
      <dl className="grid grid-cols-[4.5rem_1fr] items-center gap-x-3 sm:grid-cols-[6rem_1fr] gap-y-2.5">
        <dt className="text-muted-foreground">Name</dt>
        <dd className="truncate">{user.name}</dd>
        <dt className="text-muted-foreground">E-mail</dt>
        <dd className="truncate">{user.email}</dd>
        <dt className="text-muted-foreground">Role</dt>
        <dd>
          <Badge>{user.role}</Badge>
        </dd>
        <dt className="text-muted-foreground">Theme</dt>
        <dd>
          <div role="radiogroup" aria-label="Theme" className="inline-flex rounded-md bg-muted p-0.5">
            {themes.map(({ value, label, Icon }) => (
              <label
                key={value}
                className={cn(
                  "flex h-7 cursor-pointer items-center gap-1.5 rounded-sm px-2.5 text-muted-foreground text-xs focus-within:outline-2 focus-within:outline-ring",
                  theme === value && "bg-surface font-medium text-foreground shadow-xs dark:bg-selected",
                )}
              >
                <input
                  type="radio"
                  name="theme"
                  value={value}
                  checked={theme === value}
                  onChange={() => setTheme(value)}
                  className="sr-only"
                />
                <Icon className="size-3.5" aria-hidden />
                {label}
              </label>
            ))}
          </div>
        </dd>
      </dl>
    </Section>
  );
}
