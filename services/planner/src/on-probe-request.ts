import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type ProbedStreamSchema, probeRequest, type SourceProbeSchema } from "@polyreel/contract";
import type { AudioProbe, Probe, VideoProbe } from "@polyreel/media/probe";
import type { Tenants } from "@polyreel/parts";
import type { Platform } from "@polyreel/pipeline";
import type { Running } from "@polyreel/platform";
import { PolyreelError } from "@polyreel/platform";
import { answerRequests } from "@polyreel/platform/stream";
import { probeSource } from "./resolve-inputs.js";

const AT_ONCE = 2;
/** Callers do not wait much longer. */
const DEADLINE_MS = 55_000;

/** Answers gateways' requests for the probe of a source, which is made once; one of several planners answers. */
export const answerProbeRequests = (platform: Platform, { tenants }: { readonly tenants: Tenants }): Running =>
  answerRequests(
    probeRequest,
    platform,
    { atOnce: AT_ONCE, deadline: { ms: DEADLINE_MS, error: tookTooLong } },
    async ({ tenant, sha256 }, signal) => probeMessage(await probeSource(sha256, tenants.of(tenant).sources, signal)),
  );

/** A probe for clients. */
function probeMessage({
  container,
  durationSeconds,
  video,
  audio,
  tracks,
}: Probe): MessageInitShape<typeof SourceProbeSchema> {
  const sounds = tracks ?? (audio ? [audio] : []);
  return {
    container,
    duration: durationFromMs(Math.round(durationSeconds * 1000)),
    streams: [...(video ? [pictureStream(video)] : []), ...sounds.map(soundStream)],
  };
}

type Stream = MessageInitShape<typeof ProbedStreamSchema>;

const pictureStream = ({ codec, durationSeconds, width, height, frameRate, still }: VideoProbe): Stream => ({
  codec,
  duration: durationFromMs(Math.round(durationSeconds * 1000)),
  kind: { case: "picture", value: { width, height, frameRate, still } },
});

const soundStream = ({ codec, durationSeconds, channels, sampleRate, language = "" }: AudioProbe): Stream => ({
  codec,
  duration: durationFromMs(Math.round(durationSeconds * 1000)),
  kind: { case: "sound", value: { channels, sampleRate, language } },
});

const tookTooLong = (): PolyreelError =>
  new PolyreelError("exhausted", {
    reason: "Probing the source took too long.",
    remedy: "Call again when the machine is less busy; a batch that uses the source probes it, too.",
  });
