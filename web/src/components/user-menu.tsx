"use client";

import {
  FingerprintIcon,
  LogOutIcon,
  MonitorIcon,
  MoonIcon,
  SettingsIcon,
  ShieldCheckIcon,
  SunIcon,
} from "lucide-react";
import { useTheme } from "next-themes";
import { adminSectionsFor } from "../admin/sections.ts";
import { signOut } from "../lib/auth-client.ts";
import { useCurrentUser } from "../lib/current-user.tsx";
import { messageOf } from "../lib/errors.ts";
import { toast } from "../lib/toast.ts";
import { initialsOf } from "./avatar.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "./ui/dropdown-menu.tsx";

/** Who is signed in, with theme, settings and sign-out. */
export function UserMenu() {
  const user = useCurrentUser();
  const { theme = "system", setTheme } = useTheme();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        aria-label={`Account of ${user.name}`}
        className="flex size-7 items-center justify-center rounded-full bg-clay-soft font-semibold text-[11px] text-clay"
      >
        {initialsOf(user.name || user.email)}
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        <DropdownMenuLabel className="max-w-60">
          <span className="block truncate text-foreground">{user.name}</span>
          <span className="block truncate font-normal">{user.email}</span>
        </DropdownMenuLabel>
        <DropdownMenuSeparator />
        <DropdownMenuRadioGroup value={theme} onValueChange={setTheme} aria-label="Theme">
          <DropdownMenuRadioItem value="light">
            <SunIcon /> Light
          </DropdownMenuRadioItem>
          <DropdownMenuRadioItem value="dark">
            <MoonIcon /> Dark
          </DropdownMenuRadioItem>
          <DropdownMenuRadioItem value="system">
            <MonitorIcon /> System
          </DropdownMenuRadioItem>
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        {adminSectionsFor(user).length > 0 && (
          <DropdownMenuItem asChild>
            <a href="/admin">
              <ShieldCheckIcon /> Administration
            </a>
          </DropdownMenuItem>
        )}
        {user.abilities.includes("audit.view") && (
          <DropdownMenuItem asChild>
            <a href="/audit">
              <FingerprintIcon /> Audit record
            </a>
          </DropdownMenuItem>
        )}
        <DropdownMenuItem asChild>
          {/* Not a client-side step: leaving the workbench, the browser asks about unsaved edits. */}
          <a href="/settings">
            <SettingsIcon /> Settings
          </a>
        </DropdownMenuItem>
        <DropdownMenuItem
          onSelect={() => void signOut().catch((error: unknown) => toast.error(messageOf(error)))}
        >
          <LogOutIcon /> Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
