import type { SessionRole, SharedRole } from "@remote-claude/protocol";

/** What one is in a session, in a word. */
export const roleNames: Record<SessionRole, string> = { owner: "Owner", editor: "Editor", viewer: "Viewer" };

/** What that means, in a line. */
export const roleMeanings: Record<SharedRole, string> = {
  editor: "may do everything but share and delete",
  viewer: "sees everything live, changes nothing",
};

export const sharedRoles = ["viewer", "editor"] as const satisfies readonly SharedRole[];
