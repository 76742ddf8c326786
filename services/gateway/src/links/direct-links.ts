import { CombinationState, linksRequest } from "@polyreel/contract";
import { toPolyreelError } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import { type EventStream, sendRequest } from "@polyreel/platform/stream";
import { DEFAULT_TENANT, parsePlaced } from "@polyreel/spec";
import type { LinkOptions, SignedLinks } from "./signed-links.js";

const TIMEOUT_MS = 2_000;
/** Links of some servers have over a kilobyte, and NATS takes messages of one megabyte. */
const PATHS_PER_REQUEST = 400;

/** A delivery, or a combination as its first delivery. */
interface Linkable {
  readonly state: CombinationState;
  readonly path: string;
  link: string;
}

export interface DirectLinkDeps {
  readonly stream: EventStream;
  readonly links: SignedLinks;
  readonly log: Log;
}

/**
 * Replaces links to files in configured destinations by links to their home, where it has those. If no uploader answers, the
 * links stay, and lead to the gateway, which serves the same bytes.
 */
export async function linkDirectly(
  { stream, links, log }: DirectLinkDeps,
  linkables: Iterable<Linkable>,
  { tenant, lifetimeMs }: LinkOptions,
  signal: AbortSignal,
): Promise<void> {
  const byPath = new Map<string, Linkable[]>();
  for (const one of linkables) {
    if (one.state !== CombinationState.DELIVERED || !isPlaced(one.path)) continue;
    byPath.set(one.path, [...(byPath.get(one.path) ?? []), one]);
  }
  const all = [...byPath.keys()];
  // A link with less than the lifetime that was asked for is better than one with more.
  const lifetimeSeconds = Math.floor((links.expiry(lifetimeMs) - Date.now()) / 1000);
  for (let at = 0; at < all.length; at += PATHS_PER_REQUEST) {
    const paths = all.slice(at, at + PATHS_PER_REQUEST);
    const request = { tenant: tenant || DEFAULT_TENANT, paths, lifetimeSeconds };
    const answer = await sendRequest(stream, linksRequest, request, { timeoutMs: TIMEOUT_MS, signal }).catch(
      (error: unknown) => {
        if (toPolyreelError(error).code !== "unavailable") throw error;
        log.warn({ err: error }, "links lead to the gateway: no uploader made others");
        return undefined;
      },
    );
    if (!answer) return;
    for (const [i, path] of paths.entries()) {
      for (const one of byPath.get(path) ?? []) one.link = answer.urls[i] || one.link;
    }
  }
}

const isPlaced = (path: string): boolean => path !== "" && parsePlaced(path).destination !== "";
