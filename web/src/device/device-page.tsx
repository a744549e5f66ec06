"use client";

import { answerDevice, lookAtDevice, tokenScopes } from "@remote-claude/protocol";
import { CheckIcon, LoaderCircleIcon, MonitorSmartphoneIcon } from "lucide-react";
import { type FormEvent, useState } from "react";
import type { z } from "zod";
import { Notice } from "../components/notice.tsx";
import { Button } from "../components/ui/button.tsx";
import { Input } from "../components/ui/input.tsx";
import { Label } from "../components/ui/label.tsx";
import { call } from "../lib/api.ts";
import { useCurrentUser } from "../lib/current-user.tsx";
import { messageOf } from "../lib/errors.ts";
import { formatRelative } from "../lib/format.ts";

type Device = z.infer<NonNullable<typeof lookAtDevice.reply>>;
type Step =
  | { is: "asking" }
  | { is: "deciding"; code: string; device: Device }
  | { is: "done"; approved: boolean };

/** Where a person allows a program without a browser to act for them. */
export function DevicePage({ code }: { code: string }) {
  const [step, setStep] = useState<Step>({ is: "asking" });
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);

  async function attempt(work: () => Promise<Step>) {
    setBusy(true);
    setError(null);
    try {
      setStep(await work());
    } catch (cause) {
      setError(messageOf(cause));
    } finally {
      setBusy(false);
    }
  }

  function look(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const userCode = String(new FormData(event.currentTarget).get("code"));
    void attempt(async () => ({
      is: "deciding",
      code: userCode,
      device: await call(lookAtDevice, { params: { userCode } }),
    }));
  }

  return (
    <div className="flex flex-col gap-4">
      {error !== null && <Notice tone="destructive" title={error} />}
      {step.is === "asking" && <CodeForm code={code} busy={busy} onSubmit={look} />}
      {step.is === "deciding" && (
        <Decision
          device={step.device}
          busy={busy}
          onDecide={(decision) =>
            void attempt(async () => {
              await call(answerDevice, { params: { userCode: step.code }, body: { decision } });
              return { is: "done", approved: decision === "approve" };
            })
          }
        />
      )}
      {step.is === "done" && (
        <p className="flex items-center justify-center gap-2 py-3 text-center" role="status">
          {step.approved && <CheckIcon className="size-4 text-success" aria-hidden />}
          {step.approved ? "Allowed. Go back to your device." : "Refused. The device gets nothing."}
        </p>
      )}
    </div>
  );
}

function CodeForm({
  code,
  busy,
  onSubmit,
}: {
  code: string;
  busy: boolean;
  onSubmit(event: FormEvent<HTMLFormElement>): void;
}) {
  return (
    <form onSubmit={onSubmit} className="flex flex-col gap-4" aria-label="Device">
      <div className="flex flex-col gap-1.5">
        <Label htmlFor="device-code">The code that your device shows</Label>
        <Input
          id="device-code"
          name="code"
          defaultValue={code}
          placeholder="BCDF-GHJK"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          required
          autoFocus
          className="h-11 text-center font-mono text-base uppercase tracking-widest"
        />
      </div>
      <Button type="submit" variant="primary" size="lg" disabled={busy}>
        {busy && <LoaderCircleIcon className="animate-spin" />}
        Continue
      </Button>
    </form>
  );
}

function Decision({
  device,
  busy,
  onDecide,
}: {
  device: Device;
  busy: boolean;
  onDecide(decision: "approve" | "deny"): void;
}) {
  const user = useCurrentUser();
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-start gap-3">
        <MonitorSmartphoneIcon className="mt-0.5 size-5 shrink-0 text-muted-foreground" aria-hidden />
        <p className="min-w-0">
          <strong className="break-words font-medium">{device.clientName}</strong> wants to act for{" "}
          <span className="break-all">{user.email}</span>.
          <span className="block text-muted-foreground text-xs">
            Asked {formatRelative(device.createdAt)} from {device.address ?? "an unknown address"}
          </span>
        </p>
      </div>
      <div>
        <p className="mb-1 text-muted-foreground">It will be able to:</p>
        <ul className="list-disc space-y-0.5 pl-5">
          {device.scopes.map((scope) => (
            <li key={scope}>{tokenScopes[scope]}</li>
          ))}
        </ul>
      </div>
      <Notice tone="warning" title="Only if it was you who began this">
        Nobody who writes or calls you needs this code.
      </Notice>
      <div className="grid grid-cols-2 gap-2.5">
        <Button size="lg" disabled={busy} onClick={() => onDecide("deny")}>
          Refuse
        </Button>
        <Button size="lg" variant="primary" disabled={busy} onClick={() => onDecide("approve")}>
          Allow
        </Button>
      </div>
    </div>
  );
}
