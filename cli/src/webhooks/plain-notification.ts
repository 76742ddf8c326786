import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import {
  type NotificationAttempt,
  NotificationChannel,
  NotificationState,
  type NotificationStatus,
} from "@polyreel/contract";

export const stateNames = {
  waiting: NotificationState.WAITING,
  sent: NotificationState.SENT,
  failed: NotificationState.FAILED,
  stopped: NotificationState.STOPPED,
} as const;

export const nameOfState = (state: NotificationState): string =>
  Object.entries(stateNames).find(([, value]) => value === state)?.[0] ?? "unknown";

export const nameOfChannel = (channel: NotificationChannel): string =>
  channel === NotificationChannel.EMAIL ? "email" : "webhook";

const time = (name: string, at: Timestamp | undefined): Record<string, string> =>
  at ? { [name]: timestampDate(at).toISOString() } : {};

/** A notification as plain JSON. */
export const plainNotification = (one: NotificationStatus): object => ({
  id: one.id,
  batchId: one.batchId,
  tenant: one.tenant,
  type: one.type,
  channel: nameOfChannel(one.channel),
  receiver: one.receiver,
  state: nameOfState(one.state),
  attempts: one.attempts.map(plainAttempt),
  ...time("createdAt", one.createdAt),
  ...time("nextAttemptAt", one.nextAttemptAt),
  ...time("endedAt", one.endedAt),
  ...(one.reason && { reason: one.reason }),
});

export const plainAttempt = ({ time: at, status, reason, response, milliseconds }: NotificationAttempt): object => ({
  ...time("time", at),
  status,
  milliseconds,
  ...(reason && { reason }),
  ...(response && { response }),
});
