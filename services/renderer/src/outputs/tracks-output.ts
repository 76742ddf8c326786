import { create } from "@bufbuild/protobuf";
import {
  type Certificate,
  CertificateSchema,
  type JoinedTracks,
  type RenditionIndex,
  WarningSchema,
} from "@polyreel/contract";
import { certifyTracks, layOutTracks, type Tracks } from "@polyreel/media/rendition";
import { type PartStore, readTracks } from "@polyreel/parts";
import { JOIN } from "@polyreel/parts/costs";
import { type PartRef, partsIn, tracksOf } from "@polyreel/parts/kinds";
import { PolyreelError } from "@polyreel/platform";
import { processCpu } from "@polyreel/platform/process";
import { briefStep, linkSpan } from "@polyreel/platform/telemetry";
import type { Renderer } from "../service.js";
import { awaitParts, readIndex } from "./await-parts.js";
import type { OutputWork } from "./output-work.js";

/** A transcode that was made clip by clip: laid out and certified when its tracks exist. */
export async function tracksOutput(output: OutputWork, joined: JoinedTracks, renderer: Renderer): Promise<Certificate> {
  const { parts } = renderer.tenants.of(output.planned.fact.tenant);
  // The failure of a clip keeps its block and choice.
  await awaitParts(output, partsIn([{ case: "join", combination: output.combination }]), parts, renderer);
  const needed = partsIn(tracksOf(joined).map((part) => ({ case: "part", part })));
  await awaitParts(output, needed, parts, renderer, (error, part) => failedTrack(error, part, joined, output));
  return output.make(async () => {
    const { coreSeconds, made } = await processCpu.measure(() => join(output, joined, parts, renderer));
    output.spent(coreSeconds);
    renderer.costLog.note(JOIN, { coreSeconds, amount: 0, bytes: Number(made.sizeBytes) });
    return made;
  });
}

async function join(
  output: OutputWork,
  joined: JoinedTracks,
  parts: PartStore,
  renderer: Renderer,
): Promise<Certificate> {
  const { fact } = output.planned;
  const tracks = await readTracks(joined, {
    rendition: async (hash) => {
      const { kind, traceparent } = await renderer.awaited.index(parts, { kind: "rendition", hash }, fact);
      linkSpan(output.work.span, [traceparent]);
      if (kind.case !== "rendition") throw new PolyreelError("internal", "The index of a rendition describes none.");
      return kind.value;
    },
    sound: (hash) => readIndex(output, "sound", hash, parts, renderer),
  });
  const layout = await briefStep("lay out", () => layOutTracks(tracks));
  const certified = await briefStep("certify", () => certifyTracks(tracks, layout));
  return create(CertificateSchema, {
    sizeBytes: BigInt(layout.sizeBytes),
    operation: { case: "rendition", value: certified },
    warnings: [
      ...output.combination.warnings,
      ...[...warningsOf(tracks)].map((reason) => create(WarningSchema, { reason })),
    ],
  });
}

/** Clips state the same ones: each once. */
function warningsOf({ clips, sound }: Tracks): Set<string> {
  const indexes: RenditionIndex[] = clips.map(({ index }) => index);
  const ofSound = sound?.index.warnings ?? [];
  return new Set([...indexes.flatMap(({ warnings }) => warnings), ...ofSound]);
}

/** The failure of a track with the setting of this output, and the block and choice of this combination. */
function failedTrack(
  error: unknown,
  { hash }: PartRef,
  { clipHashes }: JoinedTracks,
  { plan, combination: { clips } }: OutputWork,
): unknown {
  if (!(error instanceof PolyreelError) || error.code === "cancelled") return error;
  const { field: setting, reason, remedy, code } = error.failure;
  // A mark that cannot be used is no clip's fault.
  const { block, choice } = (!setting.startsWith("watermark") && clips[clipHashes.indexOf(hash)]) || NOWHERE;
  const field = [`outputs[${plan.number}].transcode`, setting].filter(Boolean).join(".");
  const failure = { block, choice, field, reason, remedy, code };
  return new PolyreelError(error.code, failure, { cause: error, outage: error.outage });
}

const NOWHERE = { block: "", choice: "" };
