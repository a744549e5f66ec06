import { LoaderCircleIcon, SendIcon } from "lucide-react";
import { useState } from "react";
import { Button } from "../../components/ui/button.tsx";
import { messageOf } from "../../lib/errors.ts";

export interface TestResult {
  ok: boolean;
  message: string;
}

/** Sends something there and now, and says how that went. */
export function TestButton({
  label,
  send,
  onResult,
}: {
  label: string;
  send(): Promise<TestResult>;
  onResult(result: TestResult | null): void;
}) {
  const [busy, setBusy] = useState(false);

  async function test() {
    setBusy(true);
    onResult(null);
    try {
      onResult(await send());
    } catch (error) {
      onResult({ ok: false, message: messageOf(error) });
    } finally {
      setBusy(false);
    }
  }

  return (
    <Button size="sm" aria-label={label} onClick={() => void test()} disabled={busy}>
      {busy ? <LoaderCircleIcon className="animate-spin" /> : <SendIcon />}
      Send a test
    </Button>
  );
}
