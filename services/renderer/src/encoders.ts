import { encoderRequest, type PartFactName, type PartRequested } from "@polyreel/contract";
import { type HardwareEncoder, hardwareOf } from "@polyreel/media/rendition";
import { existsFor } from "@polyreel/parts";
import type { Platform, Work } from "@polyreel/pipeline";
import { PolyreelError, type Running } from "@polyreel/platform";
import { answerRequests, type EventStream, type FactMessage, sendRequest } from "@polyreel/platform/stream";
import type { Renderer } from "./service.js";

type Requested = FactMessage<PartFactName<"requested">>;
type Handle = (message: Requested, work: Work) => Promise<void>;

/** The encoder of hardware that a part's recipe asks for; undefined: software. */
function hardwareFor({ recipe }: PartRequested): HardwareEncoder | undefined {
  const operation = recipe.case === "rendition" ? recipe.value.operation : undefined;
  return operation?.case === "transcode" ? hardwareOf(operation.value.encoder) : undefined;
}

/**
 * The handlers of requests for renditions, by stage. Each encoder of hardware has a stage of its own, whose consumers exist
 * as soon as one renderer has it: its requests wait there.
 */
export const handlesByEncoder = (
  own: HardwareEncoder | "software",
  handle: Handle,
  renderer: Pick<Renderer, "platform" | "tenants">,
): Record<string, Handle> => ({
  "renderer-rendition": bySoftware(handle, renderer),
  ...(own !== "software" && { [`renderer-${own}`]: byHardware(own, handle) }),
});

/** Handles the requests for one encoder of hardware, among all for renditions. */
const byHardware =
  (encoder: HardwareEncoder, handle: Handle): Handle =>
  async (message, work) => {
    if (hardwareFor(message.fact) === encoder) await handle(message, work);
  };

/** How often a request for hardware is looked at by those who do not have it. */
const LOOK_MS = 10_000;

/**
 * Handles requests for parts made by software. Those for hardware are watched until the part exists: if no renderer that
 * has it is alive, that is an outage, which is reported and ends as all do.
 */
const bySoftware =
  (handle: Handle, { platform, tenants }: Pick<Renderer, "platform" | "tenants">): Handle =>
  async (message, work) => {
    const { fact } = message;
    const encoder = hardwareFor(fact);
    const parts = tenants.of(fact.tenant).parts;
    if (!encoder || (!fact.force && (await existsFor(fact, "rendition", parts)))) return handle(message, work);
    await assertAlive(encoder, platform.stream, work.signal);
    work.postpone(LOOK_MS);
  };

const REPLY_MS = 5_000;

/** Throws PolyreelError `unavailable` if no renderer that has the encoder replies. */
async function assertAlive(
  encoder: HardwareEncoder,
  stream: Pick<EventStream, "connection" | "broker">,
  signal: AbortSignal,
): Promise<void> {
  await sendRequest(stream, encoderRequest(encoder), {}, { timeoutMs: REPLY_MS, signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new PolyreelError(
      "unavailable",
      {
        field: "encoder",
        reason: `It is to be encoded by ${encoder}, and no renderer that has it is alive.`,
        remedy: `Start a renderer with POLYREEL_ENCODER=${encoder} on a machine with that hardware, or leave encoder out of the output's settings.`,
      },
      { cause: error, outage: true },
    );
  });
}

/** Answers that this renderer is alive and has the encoder. */
export const answerAlive = (encoder: HardwareEncoder, platform: Platform): Running =>
  answerRequests(encoderRequest(encoder), platform, { atOnce: 100 }, async () => ({}));
