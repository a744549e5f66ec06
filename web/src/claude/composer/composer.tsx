"use client";

import { ArrowUpIcon, SquareIcon } from "lucide-react";
import { type KeyboardEvent, memo, useEffect, useId, useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { messageOf } from "../../lib/errors.ts";
import { live } from "../../lib/live.ts";
import { toast } from "../../lib/toast.ts";
import { cn } from "../../lib/utils.ts";
import { useCommand } from "../../workbench/commands.ts";
import { focusPane, getSelection, registerFocus, useWorkbench } from "../../workbench/store.ts";
import type { Reading } from "../live/conversation-reader.ts";
import type { Attachments } from "../model/items.ts";
import { usePane } from "../pane-context.tsx";
import { AttachmentChip } from "../timeline/prompt-message.tsx";
import { useAttachFiles } from "./attach-files.ts";
import { ComposerMenu } from "./composer-menu.tsx";
import { MentionList } from "./mention-list.tsx";
import { SettingsPickers } from "./settings-pickers.tsx";
import type { SlashCommand } from "./slash-commands.ts";
import { SlashList } from "./slash-list.tsx";
import { useComposer } from "./use-composer.ts";
import { useDropFiles } from "./use-drop-files.ts";
import type { Choice } from "./use-mentions.ts";

interface ComposerProps {
  readonly working: boolean;
  /** A question waits for this person's answer. */
  readonly asked: boolean;
  readonly conversation: Reading["conversation"];
  /** Why nothing can be sent right now, or null. */
  readonly blocked: string | null;
  readonly modes: readonly string[];
  /** A text to begin with, put in from outside; a new object each time. */
  readonly suggestion: { text: string; attachments?: Attachments } | null;
  onRunAsTask(prompt: string): Promise<boolean>;
}

/** Asks Claude to stop; true until the turn has ended. */
function useStop(working: boolean) {
  const { sessionId, conversationId } = usePane();
  const [stopping, setStopping] = useState(false);
  useEffect(() => {
    if (!working) setStopping(false);
  }, [working]);
  const stop = async () => {
    setStopping(true);
    try {
      await live.command("chat.interrupt", sessionId, { conversationId, holdQueue: true });
    } catch (error) {
      setStopping(false);
      toast.error(messageOf(error));
    }
  };
  return { stop, stopping };
}

/** What was sent in this conversation, by whomever and from wherever, as far as it is loaded; oldest first. */
function promptsOf(reader: ReturnType<typeof usePane>["reader"]): readonly string[] {
  return reader.store
    .getState()
    .items.flatMap((item) => (item.kind === "prompt" && item.text !== "" ? [item.text] : []));
}

function placeholderOf(working: boolean, asked: boolean): string {
  if (asked) return "Answer above, or write what comes next…";
  return working ? "Write what comes next…" : "Message Claude…  @ files, / commands";
}

/** The text box with all that belongs to it. Not drawn again while text streams. */
export const Composer = memo(function Composer({
  working,
  asked,
  conversation,
  blocked,
  modes,
  suggestion,
  onRunAsTask,
}: ComposerProps) {
  const { sessionId, conversationId, reader } = usePane();
  const composing = useComposer(sessionId, conversationId, () => promptsOf(reader));
  const { box, text, attachments, mentions, slash } = composing;
  const selection = useWorkbench((state) => state.selection);
  const { stop, stopping } = useStop(working);
  const { uploading, add: addFiles } = useAttachFiles(sessionId, composing.attach);
  const dragging = useDropFiles(box, (files) => void addFiles(files));
  const id = useId();
  const listId = `${id}-list`;
  const active = slash.commands === null ? mentions.active : slash.active;
  /** A picture alone can be a message. */
  const blank = text.trim() === "" && attachments.length === 0;
  const listed = slash.commands !== null || mentions.choices !== null;

  useEffect(() => registerFocus("claude", () => box.current?.focus()), [box]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each suggestion is taken once
  useEffect(() => {
    if (suggestion === null) return;
    composing.write(suggestion.text);
    for (const attachment of suggestion.attachments ?? []) composing.attach(attachment);
    box.current?.focus();
  }, [suggestion]);

  const send = () => {
    if (blocked !== null || uploading > 0) {
      if (!blank) toast.info(`Not sent yet. ${blocked ?? "A file is still being attached."}`, { id });
      return;
    }
    const prompt = composing.take();
    if (prompt !== null) void reader.send(prompt.text, prompt.attachments);
  };
  const attachSelection = () => {
    const selected = getSelection();
    if (selected === null) {
      toast.info("Select lines in the editor first; they are attached to the message then.");
      focusPane("claude");
      return;
    }
    composing.attach({ path: selected.path, lines: [selected.startLine, selected.endLine] });
    focusPane("claude");
    box.current?.focus();
  };
  const runAsTask = async () => {
    const prompt = text.trim();
    if (prompt !== "" && blocked === null && (await onRunAsTask(prompt))) composing.take();
  };
  useCommand({ id: "claude.stop", title: "Claude: Stop", run: () => (working ? stop() : undefined) });
  useCommand({
    id: "claude.attach-selection",
    title: "Claude: Attach the selection",
    keys: "Mod+Alt+K",
    run: attachSelection,
  });

  const onMentionKey = (event: KeyboardEvent, choices: readonly Choice[]): boolean => {
    const { active, setActive, dismiss } = mentions;
    if (event.key === "ArrowDown") setActive((active + 1) % choices.length);
    else if (event.key === "ArrowUp") setActive((active + choices.length - 1) % choices.length);
    else if (event.key === "Escape") dismiss();
    else if (event.key === "Enter" || event.key === "Tab") {
      const choice = choices[active];
      if (choice !== undefined) composing.choose(choice);
    } else return false;
    return true;
  };
  const onCommandKey = (event: KeyboardEvent, commands: readonly SlashCommand[]): boolean => {
    const { setActive, dismiss } = slash;
    const name = commands[slash.active]?.name ?? "";
    if (event.key === "ArrowDown") setActive((slash.active + 1) % commands.length);
    else if (event.key === "ArrowUp") setActive((slash.active + commands.length - 1) % commands.length);
    else if (event.key === "Escape") dismiss();
    // One that is written out already is sent.
    else if (event.key === "Tab" || (event.key === "Enter" && name !== slash.query))
      composing.chooseCommand(name);
    else return false;
    return true;
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // While an input method composes, Enter and the arrows are its own.
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const plain = !event.shiftKey && !event.altKey && !event.ctrlKey && !event.metaKey;
    const { selectionStart, selectionEnd } = event.currentTarget;
    if (plain && slash.commands !== null && onCommandKey(event, slash.commands)) {
      event.preventDefault();
    } else if (plain && mentions.choices !== null && onMentionKey(event, mentions.choices)) {
      event.preventDefault();
    } else if (event.key === "Enter" && plain) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && working && !stopping) {
      event.preventDefault();
      void stop();
    } else if (event.key === "ArrowUp" && plain && (selectionEnd === 0 || composing.inPast)) {
      if (composing.recall(1)) event.preventDefault();
    } else if (event.key === "ArrowDown" && plain && composing.inPast && selectionStart === text.length) {
      if (composing.recall(-1)) event.preventDefault();
    }
  };

  return (
    <div className="relative mx-auto w-full max-w-3xl px-3 pb-3">
      {blocked !== null && (
        <p role="status" className="pb-1.5 text-muted-foreground text-xs">
          {blocked}
        </p>
      )}
      <div
        className={cn(
          "relative rounded-xl border border-border-strong bg-surface shadow-xs focus-within:border-ring",
          dragging && "border-ring bg-selected/60",
        )}
      >
        {mentions.choices !== null && (
          <MentionList
            id={listId}
            choices={mentions.choices}
            active={mentions.active}
            onChoose={composing.choose}
          />
        )}
        <SlashList
          id={listId}
          commands={slash.commands}
          active={slash.active}
          note={slash.note}
          onChoose={composing.chooseCommand}
        />
        {attachments.length > 0 && (
          <div className="flex flex-wrap gap-1 px-2.5 pt-2">
            {attachments.map((attachment) => (
              <AttachmentChip
                key={`${attachment.path}:${attachment.lines}`}
                attachment={attachment}
                onRemove={() => composing.detach(attachment)}
              />
            ))}
          </div>
        )}
        <textarea
          ref={box}
          rows={1}
          aria-label="Message Claude"
          aria-autocomplete="list"
          aria-controls={listed ? listId : undefined}
          aria-activedescendant={listed ? `${listId}-${active}` : undefined}
          placeholder={placeholderOf(working, asked)}
          value={text}
          maxLength={200_000}
          onChange={(event) => composing.edit(event.target.value, event.target.selectionStart)}
          onSelect={(event) => composing.setCursor(event.currentTarget.selectionStart)}
          onKeyDown={onKeyDown}
          onPaste={(event) => {
            const files = [...event.clipboardData.files];
            // What is copied from a document may be text and its picture at once: the text is meant.
            if (files.length === 0 || event.clipboardData.types.includes("text/plain")) return;
            event.preventDefault();
            void addFiles(files);
          }}
          className="block max-h-[40dvh] min-h-10 w-full resize-none overflow-y-auto bg-transparent px-3 pt-2.5 pb-1 text-[13.5px] leading-relaxed outline-none placeholder:text-muted-foreground max-sm:text-base"
        />
        {dragging && (
          <p role="status" className="px-3 pb-1 text-[11px] text-clay">
            Drop the files to attach them
          </p>
        )}
        {uploading > 0 && (
          <p role="status" className="px-3 pb-1 text-[11px] text-muted-foreground">
            Attaching {uploading === 1 ? "a file" : `${uploading} files`}…
          </p>
        )}
        {slash.hint !== null && (
          <p className="px-3 pb-1 text-[11px] text-muted-foreground">It takes: {slash.hint}</p>
        )}
        <div className="flex items-center gap-0.5 px-1.5 pb-1.5">
          <ComposerMenu
            selection={selection}
            canRun={text.trim() !== "" && blocked === null}
            onMention={composing.beginMention}
            onFiles={(files) => void addFiles(files)}
            onAttachSelection={attachSelection}
            onRunAsTask={() => void runAsTask()}
          />
          <SettingsPickers conversation={conversation} modes={modes} disabled={blocked !== null} />
          <div className="ml-auto flex items-center gap-1.5">
            {working && (
              <Button size="sm" disabled={stopping} onClick={() => void stop()} aria-label="Stop">
                <SquareIcon className="size-3 fill-current" />
                <span aria-hidden>{stopping ? "Stopping…" : "Stop"}</span>
              </Button>
            )}
            <Button
              variant="primary"
              size="icon"
              aria-label="Send"
              title={working ? "Add to the queue; Claude takes it up when this turn ends" : "Send (Enter)"}
              disabled={blank || blocked !== null || uploading > 0}
              onClick={send}
              className={cn("size-7 rounded-lg", working && blank && "hidden")}
            >
              <ArrowUpIcon />
            </Button>
          </div>
        </div>
      </div>
    </div>
  );
});
