"use client";

import type { PublicConfig } from "@remote-claude/protocol";
import { useQueryClient } from "@tanstack/react-query";
import { FolderGit2Icon, LoaderCircleIcon, SparklesIcon, UploadIcon } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import {
  Dialog,
  DialogContent,
  DialogDescription,
  DialogFooter,
  DialogHeader,
  DialogTitle,
} from "../components/ui/dialog.tsx";
import { Input } from "../components/ui/input.tsx";
import { Label } from "../components/ui/label.tsx";
import { Select, SelectContent, SelectItem, SelectTrigger, SelectValue } from "../components/ui/select.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../components/ui/tabs.tsx";
import { messageOf } from "../lib/errors.ts";
import { gitAccountsLink } from "../settings/git-hosts.ts";
import { ArchiveField } from "./archive-field.tsx";
import {
  type FieldProblems,
  findProblems,
  makeSession,
  type NewSession,
  suggestName,
} from "./create-session.ts";
import type { NewSessionSource } from "./new-session-source.ts";
import { putSession } from "./use-sessions.ts";

const needs = { empty: null, git: "repositoryUrl", archive: "archive" } as const;

/** A labelled field with what is wrong with it. */
function Field({
  label,
  problem,
  optional = false,
  children,
}: {
  label: string;
  problem?: string | undefined;
  optional?: boolean;
  children: (props: { id: string; "aria-invalid": boolean; "aria-describedby": string }) => ReactNode;
}) {
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <Label htmlFor={id}>
        {label} {optional && <span className="font-normal text-muted-foreground">(optional)</span>}
      </Label>
      {children({ id, "aria-invalid": problem !== undefined, "aria-describedby": `${id}-problem` })}
      <p id={`${id}-problem`} role="alert" className="text-destructive text-xs empty:hidden">
        {problem}
      </p>
    </div>
  );
}

/** Name, where the files come from, and what kind of session; open while `source` is set. */
export function NewSessionDialog({
  settings,
  source,
  onClose,
}: {
  settings: PublicConfig;
  source: NewSessionSource | null;
  onClose(): void;
}) {
  return (
    <Dialog open={source !== null} onOpenChange={(open) => !open && onClose()}>
      <DialogContent>
        <DialogHeader>
          <DialogTitle>New session</DialogTitle>
          <DialogDescription>A workspace of its own, with terminals and Claude Code.</DialogDescription>
        </DialogHeader>
        {source !== null && <NewSessionForm settings={settings} initialSource={source} onClose={onClose} />}
      </DialogContent>
    </Dialog>
  );
}

function NewSessionForm({
  settings,
  initialSource,
  onClose,
}: {
  settings: PublicConfig;
  initialSource: NewSessionSource;
  onClose(): void;
}) {
  const router = useRouter();
  const queries = useQueryClient();
  const [source, setSource] = useState(initialSource);
  const [input, setInput] = useState<NewSession>({
    name: "",
    template: settings.templates[0]?.name ?? "default",
  });
  const [problems, setProblems] = useState<FieldProblems>({});
  const [state, setState] = useState<{ progress: number | null; error: string | null } | null>(null);
  const abort = useRef<AbortController | null>(null);
  useEffect(() => () => abort.current?.abort(), []);
  const set = (change: Partial<NewSession>) => {
    setInput((before) => ({ ...before, ...change }));
    setProblems({});
  };
  const busy = state !== null && state.error === null;

  async function submit(event: FormEvent) {
    event.preventDefault();
    const { archive, repositoryUrl, branch, ...common } = input;
    const wanted: NewSession = {
      ...common,
      name:
        common.name.trim() || suggestName(source === "git" ? (repositoryUrl ?? "") : (archive?.name ?? "")),
      ...(source === "git" && repositoryUrl !== undefined ? { repositoryUrl } : {}),
      ...(source === "git" && branch !== undefined ? { branch } : {}),
      ...(source === "archive" && archive !== undefined ? { archive } : {}),
    };
    const found = findProblems(wanted, needs[source]);
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    abort.current = new AbortController();
    setState({ progress: wanted.archive === undefined ? null : 0, error: null });
    try {
      const session = await makeSession(wanted, {
        signal: abort.current.signal,
        onProgress: (progress) => setState({ progress, error: null }),
      });
      putSession(queries, session);
      router.push(`/sessions/${session.id}`);
    } catch (error) {
      if (error instanceof DOMException && error.name === "AbortError") return;
      setState({ progress: null, error: messageOf(error) });
    }
  }

  const suggestion =
    source === "git" ? suggestName(input.repositoryUrl ?? "") : suggestName(input.archive?.name ?? "");
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-4">
      {state?.error != null && <Notice tone="destructive" title={state.error} />}
      <Field label="Name" problem={problems.name}>
        {(props) => (
          <Input
            {...props}
            autoFocus
            maxLength={100}
            autoComplete="off"
            placeholder={(source !== "empty" && suggestion) || "What are you working on?"}
            value={input.name}
            onChange={(event) => set({ name: event.target.value })}
          />
        )}
      </Field>
      <Tabs value={source} onValueChange={(value) => setSource(value as NewSessionSource)}>
        <TabsList aria-label="Where the files come from">
          <TabsTrigger value="empty">
            <SparklesIcon aria-hidden /> Empty
          </TabsTrigger>
          <TabsTrigger value="git">
            <FolderGit2Icon aria-hidden /> From git
          </TabsTrigger>
          <TabsTrigger value="archive">
            <UploadIcon aria-hidden /> Upload archive
          </TabsTrigger>
        </TabsList>
        <TabsContent value="empty">
          <p className="text-muted-foreground">The workspace starts with nothing in it.</p>
        </TabsContent>
        <TabsContent value="git">
          {settings.gitUnavailable === null ? (
            <>
              <Field label="Repository" problem={problems.repositoryUrl}>
                {(props) => (
                  <Input
                    {...props}
                    inputMode="url"
                    autoComplete="off"
                    spellCheck={false}
                    placeholder="https://github.com/owner/project"
                    value={input.repositoryUrl ?? ""}
                    onChange={(event) => set({ repositoryUrl: event.target.value })}
                  />
                )}
              </Field>
              <p className="text-muted-foreground text-xs">
                Private? Store a token for its host under{" "}
                <Link
                  href={gitAccountsLink(input.repositoryUrl ?? null)}
                  className="text-clay underline-offset-4 hover:underline"
                >
                  Git accounts
                </Link>{" "}
                first.
              </p>
              <Field label="Branch" optional problem={problems.branch}>
                {(props) => (
                  <Input
                    {...props}
                    autoComplete="off"
                    spellCheck={false}
                    placeholder="The default branch"
                    value={input.branch ?? ""}
                    onChange={(event) => set({ branch: event.target.value })}
                  />
                )}
              </Field>
            </>
          ) : (
            <Notice tone="info" title="Cloning is not available">
              {settings.gitUnavailable}
            </Notice>
          )}
        </TabsContent>
        <TabsContent value="archive">
          <ArchiveField
            file={input.archive}
            problem={problems.archive}
            progress={busy ? (state?.progress ?? null) : null}
            onChoose={(archive) => set({ archive })}
          />
        </TabsContent>
      </Tabs>
      {settings.templates.length > 1 && (
        <Field label="Template">
          {(props) => (
            <Select value={input.template ?? ""} onValueChange={(template) => set({ template })}>
              <SelectTrigger {...props}>
                <SelectValue />
              </SelectTrigger>
              <SelectContent>
                {settings.templates.map(({ name, description }) => (
                  <SelectItem key={name} value={name}>
                    {description === "" ? name : `${name}: ${description}`}
                  </SelectItem>
                ))}
              </SelectContent>
            </Select>
          )}
        </Field>
      )}
      <DialogFooter>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          type="submit"
          variant="primary"
          disabled={busy || (source === "git" && settings.gitUnavailable !== null)}
        >
          {busy && <LoaderCircleIcon className="animate-spin" />}
          Create session
        </Button>
      </DialogFooter>
    </form>
  );
}
