import { setTimeout as sleep } from "node:timers/promises";
import { BatchState, CombinationState, type CombinationStatus } from "@polyreel/contract";
import type { Pipeline } from "@polyreel/tests/testing/pipeline.js";

/** Measurements of a client that browses a batch and plays some of it while it is made. */
export interface Played {
  /** Number of played videos, and of those played before all were planned. */
  readonly videos: number;
  readonly whilePlanning: number;
  /** From the submission until a video could be played completely. */
  readonly firstSeconds: number;
  /** Durations of each page of the list, and of each video. */
  readonly pageSeconds: readonly number[];
  readonly videoSeconds: readonly number[];
}

const EVERY_MS = 500;
const PAGE_SIZE = 100;

/**
 * Browses a batch's delivered videos, page by page and repeatedly, and plays one of each page, until it is finished: by
 * ranges, like players, first the header, then the end, then all. Throws if a byte is missing.
 */
export async function playSome({ batches, url }: Pipeline, batchId: string, signal: AbortSignal): Promise<Played> {
  const began = performance.now();
  const secondsSince = (from: number) => (performance.now() - from) / 1000;
  const pageSeconds: number[] = [];
  const videoSeconds: number[] = [];
  let whilePlanning = 0;
  let firstSeconds = Number.NaN;
  for (let pageToken = ""; ; await sleep(EVERY_MS, undefined, { signal })) {
    const request = { batchId, state: CombinationState.DELIVERED, pageSize: PAGE_SIZE, pageToken };
    const asking = performance.now();
    const page = await batches.listCombinations(request, { signal });
    pageSeconds.push(secondsSince(asking));
    pageToken = page.nextPageToken;
    const { batch: status } = await batches.getBatch({ batchId }, { signal });
    const one = page.combinations[videoSeconds.length % page.combinations.length];
    if (one) {
      const playing = performance.now();
      await play(url, one, signal);
      videoSeconds.push(secondsSince(playing));
      if (videoSeconds.length === 1) firstSeconds = secondsSince(began);
      if (status?.state === BatchState.PLANNING) whilePlanning++;
    }
    if (status?.state !== BatchState.FINISHED) continue;
    return { videos: videoSeconds.length, whilePlanning, firstSeconds, pageSeconds, videoSeconds };
  }
}

async function play(url: string, { urlPath, certificate }: CombinationStatus, signal: AbortSignal): Promise<void> {
  const size = Number(certificate?.sizeBytes);
  for (const [range, expected] of [
    ["bytes=0-999", 1000],
    ["bytes=-5000", 5000],
    ["bytes=0-", size],
  ] as const) {
    const answer = await fetch(url + urlPath, { headers: { Range: range }, signal });
    const { byteLength } = await answer.arrayBuffer();
    if (answer.status !== 206 || byteLength !== Math.min(expected, size)) {
      throw new Error(`${urlPath}: ${answer.status} with ${byteLength} bytes for ${range} of ${size}.`);
    }
  }
}
