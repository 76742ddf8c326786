import type { Probe } from "@polyreel/media/probe";
import type { Tenants } from "@polyreel/parts";
import pLimit from "p-limit";
import type { RestCall } from "../rest-call.js";

/** What is known of an uploaded file, by reading it. */
export interface MediaFacts {
  /** ffmpeg's name of the container, such as "mov,mp4,m4a,3gp,3g2,mj2". */
  readonly container: string;
  readonly sizeBytes: number;
  /** 0 for stills. */
  readonly durationSeconds: number;
  readonly picture?: {
    readonly codec: string;
    /** As displayed. */
    readonly width: number;
    readonly height: number;
    /** 0 for stills. */
    readonly frameRate: number;
    readonly still: boolean;
  };
  readonly sound?: { readonly codec: string };
}

/**
 * Throws PolyreelError `not_found` if the tenant has no such source, `invalid` if it is no media, `unavailable` if that
 * cannot be found out.
 */
export type ReadMedia = (sha256: string, call: Pick<RestCall, "tenant" | "signal">) => Promise<MediaFacts>;

/** Reading a file from end to end takes seconds: a gateway must remain responsive. */
const AT_ONCE = 2;

/** Probes each source once; the result is kept beside it. */
export function mediaReader(tenants: Tenants): ReadMedia {
  const atOnce = pLimit(AT_ONCE);
  return async (sha256, { tenant, signal }) => {
    const { sources } = tenants.of(tenant);
    const known = await sources.knownProbe(sha256, signal);
    if (known) return mediaFacts(known);
    return atOnce(async () => {
      signal.throwIfAborted();
      await using source = await sources.open(sha256, signal);
      return mediaFacts(await sources.probe(sha256, source, signal));
    });
  };
}

const mediaFacts = ({ container, sizeBytes, durationSeconds, video, audio }: Probe): MediaFacts => ({
  ...{ container, sizeBytes, durationSeconds },
  ...(video && {
    picture: {
      ...{ codec: video.codec, width: video.width, height: video.height },
      ...{ frameRate: video.frameRate, still: video.still },
    },
  }),
  ...(audio && { sound: { codec: audio.codec } }),
});
