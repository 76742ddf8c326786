import { create } from "@bufbuild/protobuf";
import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { ProbeQuestionSchema, probeRequest, type SourceProbe } from "@polyreel/contract";
import type { Tenants } from "@polyreel/parts";
import { PolyreelError } from "@polyreel/platform";
import { sourceKey } from "@polyreel/platform/blobs";
import { type EventStream, sendRequest } from "@polyreel/platform/stream";
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

/** The first probe of a source reads it from end to end; planners give up before. */
const TIMEOUT_MS = 60_000;

/** Asks planners, which probe each source once and keep the result beside it. */
export function mediaReader(stream: EventStream, tenants: Tenants): ReadMedia {
  return async (sha256, { tenant, signal }) => {
    const found = await tenants.of(tenant).store.head(sourceKey(sha256), { signal });
    if (!found) throw new PolyreelError("not_found", `The store has no source ${sha256}.`);
    stream.broker.assertThere();
    const question = create(ProbeQuestionSchema, { tenant, sha256 });
    const probe = await sendRequest(stream, probeRequest, question, { timeoutMs: TIMEOUT_MS, signal });
    return mediaFacts(probe, found.sizeBytes);
  };
}

function mediaFacts({ container, duration, streams }: SourceProbe, sizeBytes: number): MediaFacts {
  const picture = streams.find(({ kind }) => kind.case === "picture");
  const sound = streams.find(({ kind }) => kind.case === "sound");
  return {
    ...{ container, sizeBytes, durationSeconds: secondsOf(duration) },
    ...(picture?.kind.case === "picture" && { picture: { codec: picture.codec, ...picture.kind.value } }),
    ...(sound && { sound: { codec: sound.codec } }),
  };
}

const secondsOf = (duration: Duration | undefined): number => (duration ? durationMs(duration) / 1000 : 0);
