import type { MessageInitShape } from "@bufbuild/protobuf";
import type { TestedReceiver, TestNotificationRequestSchema } from "@polyreel/contract";
import { call } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import { exitCodes } from "../exit-codes.js";
import type { Terminal } from "../terminal/terminal.js";
import { nameOfChannel, plainAttempt } from "./plain-notification.js";
import type { WebhooksFlags } from "./webhooks.js";

/** Sends a test event, and prints what each receiver answered. Exit code 1 if one did not accept it. */
export async function testReceivers(
  connection: Connection,
  what: string,
  { secret, tenant = "", json }: WebhooksFlags,
  terminal: Terminal,
): Promise<number> {
  const request = { receiver: receiverOf(what, secret), tenant };
  const { receivers } = await call(connection, connection.notifications.testNotification(request));
  for (const one of receivers) await terminal.print(`${json ? JSON.stringify(plain(one)) : textLine(one)}\n`);
  return receivers.every(({ accepted }) => accepted) ? exitCodes.delivered : exitCodes.failed;
}

type Receiver = MessageInitShape<typeof TestNotificationRequestSchema>["receiver"];

function receiverOf(what: string, secret: string): NonNullable<Receiver> {
  if (/^https?:/i.test(what)) return { case: "webhook", value: { url: what, secret } };
  if (what.includes("@")) return { case: "email", value: { to: [what] } };
  return { case: "batchId", value: what };
}

const plain = ({ channel, receiver, accepted, attempt }: TestedReceiver): object => ({
  channel: nameOfChannel(channel),
  receiver,
  accepted,
  ...(attempt && plainAttempt(attempt)),
});

function textLine({ receiver, accepted, attempt }: TestedReceiver): string {
  const status = attempt?.status ? ` (${attempt.status})` : "";
  return accepted ? `${receiver}  accepted${status}` : `${receiver}  not accepted: ${attempt?.reason}`;
}
