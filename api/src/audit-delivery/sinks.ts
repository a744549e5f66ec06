import type { Config } from "../config.ts";
import { fileSink } from "./file-sink.ts";
import type { Sink } from "./sink.ts";
import { syslogSink } from "./syslog-sink.ts";
import { webhookSink } from "./webhook-sink.ts";

/** Wherever this installation's audit record goes. */
export function configuredSinks({ audit, publicUrl }: Config): readonly Sink[] {
  const { syslog, webhook, file } = audit.delivery;
  return [
    ...(syslog === null ? [] : [syslogSink(syslog, new URL(publicUrl).hostname)]),
    ...(webhook === null ? [] : [webhookSink(webhook)]),
    ...(file === null ? [] : [fileSink(file)]),
  ];
}
