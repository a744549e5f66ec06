import type { AlertChannel } from "@remote-claude/protocol";
import { createTransport } from "nodemailer";
import { request } from "undici";
import { NotTaken, patienceMs, signatureHeaders } from "../audit-delivery/index.ts";
import type { Config } from "../config.ts";

export interface AlertMessage {
  /** The same however often it is tried: by it a receiver tells a repetition. */
  readonly id: string;
  readonly channel: AlertChannel;
  readonly recipients: readonly string[];
  /** The rule's. */
  readonly name: string;
  readonly kind: string;
  readonly text: string;
  readonly at: Date;
}

/** Sends an alert, and resolves when the other end has taken it. */
export async function sendAlert({ alerts, publicUrl }: Config, message: AlertMessage): Promise<void> {
  const link = `${publicUrl}/admin/alerts`;
  switch (message.channel) {
    case "email":
      if (alerts.email === null) throw new NotTaken("no mail server is set (SMTP_URL)");
      return sendMail(alerts.email, message, link, new URL(publicUrl).hostname);
    case "webhook":
      if (alerts.webhook === null) throw new NotTaken("no webhook is set (ALERT_WEBHOOK_URL)");
      return sendWebhook(alerts.webhook, message, link);
    case "slack":
      if (alerts.slack === null) throw new NotTaken("no Slack webhook is set (ALERT_SLACK_URL)");
      return post(
        alerts.slack.url,
        JSON.stringify({ text: `*${forSlack(message.name)}*\n${forSlack(message.text)}\n<${link}>` }),
      );
  }
}

async function sendMail(
  { url, from }: { readonly url: string; readonly from: string },
  { id, recipients, name, text, at }: AlertMessage,
  link: string,
  host: string,
): Promise<void> {
  const timeouts = { connectionTimeout: patienceMs, greetingTimeout: patienceMs, socketTimeout: patienceMs };
  const transport = createTransport({ url, ...timeouts });
  try {
    const { rejected } = await transport.sendMail({
      from,
      to: [...recipients],
      subject: `[Remote Claude] ${name}`,
      text: `${text}\n\n${at.toISOString()}\n${link}\n`,
      messageId: `<${id}@${host}>`,
      headers: { "Auto-Submitted": "auto-generated" },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    if (rejected.length > 0)
      throw new NotTaken(`the mail server refused ${rejected.length} of the recipients`);
  } finally {
    transport.close();
  }
}

function sendWebhook(
  { url, secret }: { readonly url: string; readonly secret: string },
  { id, kind, name, text, at }: AlertMessage,
  link: string,
): Promise<void> {
  const body = JSON.stringify({ id, kind, rule: name, text, at: at.toISOString(), link });
  return post(url, body, signatureHeaders(secret, body, new Date()));
}

async function post(url: string, body: string, headers: Record<string, string> = {}): Promise<void> {
  const answer = await request(url, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "remote-claude", ...headers },
    body,
    signal: AbortSignal.timeout(patienceMs),
  });
  await answer.body.dump({ limit: 65_536 }).catch(() => {});
  if (answer.statusCode < 200 || answer.statusCode > 299) {
    throw new NotTaken(`it answered with status ${answer.statusCode}`);
  }
}

/** Names and hosts of sessions are anybody's words: they mention nobody and link nowhere. */
const forSlack = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
