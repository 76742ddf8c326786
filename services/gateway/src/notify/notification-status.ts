import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type NotificationAttempt,
  NotificationAttemptSchema,
  NotificationChannel,
  NotificationState,
  type NotificationStatus,
  NotificationStatusSchema,
} from "@polyreel/contract";
import type { Attempt, Channel, Notification, State } from "./notification.js";

const STATES: Record<State, NotificationState> = {
  waiting: NotificationState.WAITING,
  sent: NotificationState.SENT,
  failed: NotificationState.FAILED,
  stopped: NotificationState.STOPPED,
};

const CHANNELS: Record<Channel, NotificationChannel> = {
  webhook: NotificationChannel.WEBHOOK,
  email: NotificationChannel.EMAIL,
};

export const channelOf = (channel: Channel): NotificationChannel => CHANNELS[channel];

/** States by those of the API; an unspecified one is none. */
export const statesOf = (states: readonly NotificationState[]): State[] =>
  (Object.keys(STATES) as State[]).filter((state) => states.includes(STATES[state]));

export const notificationStatus = (one: Notification): NotificationStatus =>
  create(NotificationStatusSchema, {
    id: one.id,
    batchId: one.batchId,
    tenant: one.tenant,
    type: one.type,
    channel: channelOf(one.channel),
    receiver: one.shown,
    state: STATES[one.state],
    attempts: one.attempts.map(attemptMessage),
    createdAt: timestampFromDate(one.createdAt),
    ...(one.state === "waiting" && { nextAttemptAt: timestampFromDate(one.nextAt) }),
    ...(one.endedAt && { endedAt: timestampFromDate(one.endedAt) }),
    reason: one.reason,
  });

export const attemptMessage = ({ at, durationMs, status, reason, response }: Attempt): NotificationAttempt =>
  create(NotificationAttemptSchema, {
    time: timestampFromDate(at),
    milliseconds: Math.round(durationMs),
    ...{ status, reason, response },
  });
