import { create } from "@bufbuild/protobuf";
import {
  type ListNotificationsRequest,
  type ListNotificationsResponse,
  ListNotificationsResponseSchema,
} from "@polyreel/contract";
import { foreignToken, type Place, pageToken, readPageToken } from "../batches/page-token.js";
import { type Call, narrowed, scopeKey } from "../call/call.js";
import { notificationStatus, statesOf } from "./notification-status.js";
import type { NotificationStore } from "./store/notification-store.js";

const DEFAULT_PAGE_SIZE = 100;

/** A page of notifications, the newest first. */
export async function listNotifications(
  store: NotificationStore,
  { batchId, tenant, ...request }: ListNotificationsRequest,
  call: Pick<Call, "scope">,
): Promise<ListNotificationsResponse> {
  const scope = narrowed(call.scope, tenant, "tenant");
  const states = statesOf(request.states);
  const query = ["notifications", scopeKey(scope), batchId, states];
  const place = readPageToken(request.pageToken, query);
  const pageSize = request.pageSize || DEFAULT_PAGE_SIZE;
  const found = await store.find({ scope, batchId, states, after: place && positionAt(place), limit: pageSize + 1 });
  const page = found.slice(0, pageSize);
  const last = found.length > pageSize ? page.at(-1) : undefined;
  return create(ListNotificationsResponseSchema, {
    notifications: page.map(notificationStatus),
    ...(last && { nextPageToken: pageToken(query, [last.createdAt.getTime(), last.id]) }),
  });
}

function positionAt([time, id, ...more]: Place): { createdAt: Date; id: string } {
  const createdAt = new Date(typeof time === "number" ? time : Number.NaN);
  if (Number.isNaN(createdAt.getTime()) || typeof id !== "string" || more.length > 0) throw foreignToken();
  return { createdAt, id };
}
