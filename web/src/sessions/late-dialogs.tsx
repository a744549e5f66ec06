"use client";

import type { ComponentProps } from "react";
import { LateDialog } from "../components/late-dialog.tsx";

// What one opens about a session, on its card and in its workbench.

type Sessions = typeof import("./session-dialogs.tsx");
type Sharing = typeof import("../sharing/share-dialog.tsx");

const loadRename = () => import("./session-dialogs.tsx").then((module) => module.RenameDialog);
const loadDelete = () => import("./session-dialogs.tsx").then((module) => module.DeleteDialog);
const loadShare = () => import("../sharing/share-dialog.tsx").then((module) => module.ShareDialog);

export function RenameDialog(props: ComponentProps<Sessions["RenameDialog"]>) {
  return <LateDialog load={loadRename} dialog={props} />;
}

export function DeleteDialog(props: ComponentProps<Sessions["DeleteDialog"]>) {
  return <LateDialog load={loadDelete} dialog={props} />;
}

export function ShareDialog(props: ComponentProps<Sharing["ShareDialog"]>) {
  return <LateDialog load={loadShare} dialog={props} />;
}
