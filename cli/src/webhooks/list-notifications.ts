import { timestampDate } from "@bufbuild/protobuf/wkt";
import type { NotificationStatus } from "@polyreel/contract";
import { call } from "../client/call.js";
import type { Connection } from "../client/connection.js";
import type { Terminal } from "../terminal/terminal.js";
import { nameOfState, plainNotification, stateNames } from "./plain-notification.js";
import type { WebhooksFlags } from "./webhooks.js";

const PAGE_SIZE = 500;

/** Prints notifications, one a line, the newest first. */
export async function listNotifications(
  connection: Connection,
  batchId: string,
  { state, tenant = "", json }: WebhooksFlags,
  terminal: Terminal,
): Promise<void> {
  const states = state ? [stateNames[state]] : [];
  let pageToken = "";
  let none = true;
  do {
    const request = { batchId, tenant, states, pageToken, pageSize: PAGE_SIZE };
    const page = await call(connection, connection.notifications.listNotifications(request));
    for (const one of page.notifications) {
      if (terminal.discarded) return;
      none = false;
      await terminal.print(json ? `${JSON.stringify(plainNotification(one))}\n` : textLine(one));
    }
    pageToken = page.nextPageToken;
  } while (pageToken);
  if (none && !json) terminal.note("There are no notifications like that.\n");
}

const minute = (date: Date): string => date.toISOString().slice(0, 16).replace("T", " ");

function textLine(one: NotificationStatus): string {
  const { id, batchId, type, receiver, state, attempts, createdAt, nextAttemptAt } = one;
  const last = attempts.at(-1);
  const tries = attempts.length > 1 ? ` after ${attempts.length} attempts` : "";
  const next = nextAttemptAt && attempts.length > 0 ? `, next ${minute(timestampDate(nextAttemptAt))}` : "";
  const reason = last?.reason || one.reason;
  const when = createdAt ? minute(timestampDate(createdAt)) : "";
  const shown = [
    id,
    batchId,
    when,
    `${nameOfState(state)}${tries}${next}`,
    type,
    receiver,
    ...(reason ? [reason] : []),
  ];
  return `${shown.join("  ")}\n`;
}
