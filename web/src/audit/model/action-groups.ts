import type { AuditAction } from "@remote-claude/protocol";
import { auditActions } from "@remote-claude/protocol";
import {
  BanknoteIcon,
  FileTextIcon,
  FingerprintIcon,
  GitBranchIcon,
  GlobeIcon,
  HandIcon,
  KeyRoundIcon,
  ListTodoIcon,
  type LucideIcon,
  MessageSquareIcon,
  MonitorIcon,
  Settings2Icon,
  SquareTerminalIcon,
  UsersIcon,
  WrenchIcon,
} from "lucide-react";

/** Actions that a reviewer looks at together. */
export interface ActionGroup {
  readonly id: string;
  readonly title: string;
  readonly Icon: LucideIcon;
  has(action: string): boolean;
}

const startsWith =
  (...prefixes: readonly string[]) =>
  (action: string) =>
    prefixes.some((prefix) => action.startsWith(prefix));
const isOneOf =
  (...actions: readonly AuditAction[]) =>
  (action: string) =>
    (actions as readonly string[]).includes(action);

/** An action belongs to the first group that has it; the last one has what no other has. */
export const actionGroups: readonly ActionGroup[] = [
  {
    id: "prompts",
    title: "Prompts",
    Icon: MessageSquareIcon,
    has: isOneOf(
      "claude.prompted",
      "claude.prompt-removed",
      "claude.interrupted",
      "claude.rewound",
      "claude.forked",
    ),
  },
  { id: "tools", title: "Claude’s tools", Icon: WrenchIcon, has: isOneOf("claude.tool-used") },
  {
    id: "approvals",
    title: "Approvals",
    Icon: HandIcon,
    has: isOneOf(
      "claude.permission-asked",
      "claude.permission-answered",
      "claude.bypass-chosen",
      "claude.rule-removed",
    ),
  },
  {
    id: "terminal",
    title: "Terminal and commands",
    Icon: SquareTerminalIcon,
    has: startsWith("terminal.", "command."),
  },
  { id: "files", title: "Files", Icon: FileTextIcon, has: startsWith("file.", "directory.", "change.") },
  { id: "network", title: "Network", Icon: GlobeIcon, has: startsWith("egress.") },
  {
    id: "git",
    title: "Git",
    Icon: GitBranchIcon,
    has: startsWith("git.", "git-credential."),
  },
  {
    id: "spend",
    title: "Model and spend",
    Icon: BanknoteIcon,
    has: (action) => action === "claude.turn-ended" || startsWith("model.", "budget.")(action),
  },
  { id: "tasks", title: "Tasks and results", Icon: ListTodoIcon, has: startsWith("task.", "artifact.") },
  { id: "sessions", title: "Sessions and sharing", Icon: MonitorIcon, has: startsWith("session.", "place.") },
  { id: "sign-in", title: "Sign-in", Icon: KeyRoundIcon, has: startsWith("sign-in.", "device.", "token.") },
  { id: "people", title: "People", Icon: UsersIcon, has: startsWith("user.", "invitation.") },
  { id: "audit", title: "This record", Icon: FingerprintIcon, has: startsWith("audit.") },
  { id: "settings", title: "Settings", Icon: Settings2Icon, has: () => true },
];

export const groupOf = (action: string): ActionGroup =>
  actionGroups.find((group) => group.has(action)) ?? (actionGroups.at(-1) as ActionGroup);

/** The actions of a group, as the catalogue has them now. */
export const actionsOf = (groupId: string): readonly AuditAction[] =>
  (Object.keys(auditActions) as AuditAction[]).filter((action) => groupOf(action).id === groupId);
