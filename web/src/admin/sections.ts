import type { OrganisationAbility, User } from "@remote-claude/protocol";
import {
  BellRingIcon,
  Building2Icon,
  CoinsIcon,
  KeyRoundIcon,
  LayoutGridIcon,
  type LucideIcon,
  UsersIcon,
} from "lucide-react";

/** One page of the administration: where it is, and who sees it. */
export interface AdminSection {
  /** The last part of its path: /admin/<id>. */
  readonly id: string;
  readonly title: string;
  readonly Icon: LucideIcon;
  readonly needs: OrganisationAbility;
}

/**
 * Every section, in the order of the list. A new one is an entry here, a folder in app/(app)/admin/ whose page awaits
 * `requireSection(id)`, and its component in this folder.
 */
export const adminSections = [
  { id: "people", title: "People", Icon: UsersIcon, needs: "users.manage" },
  { id: "sessions", title: "Sessions", Icon: LayoutGridIcon, needs: "sessions.list-all" },
  { id: "spend", title: "Spend", Icon: CoinsIcon, needs: "users.manage" },
  { id: "alerts", title: "Alerts and delivery", Icon: BellRingIcon, needs: "audit.view" },
  { id: "sign-in", title: "Sign-in", Icon: KeyRoundIcon, needs: "settings.manage" },
  { id: "organisation", title: "Organisation", Icon: Building2Icon, needs: "settings.manage" },
] as const satisfies readonly AdminSection[];

export type AdminSectionId = (typeof adminSections)[number]["id"];

export const hrefOf = ({ id }: Pick<AdminSection, "id">) => `/admin/${id}`;

/** The sections that this person may open. */
export function adminSectionsFor(user: Pick<User, "abilities">): readonly AdminSection[] {
  return adminSections.filter(({ needs }) => user.abilities.includes(needs));
}
