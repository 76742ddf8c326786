import { create } from "@bufbuild/protobuf";
import { type Certificate, CertificateSchema, type RenditionPlan, WarningSchema } from "@polyreel/contract";
import { partsIn } from "@polyreel/parts/kinds";
import { PolyreelError } from "@polyreel/platform";
import { linkSpan } from "@polyreel/platform/telemetry";
import type { Renderer } from "../service.js";
import { awaitParts } from "./await-parts.js";
import type { OutputWork } from "./output-work.js";
import { tracksOutput } from "./tracks-output.js";

/** A file that is a part, certified by what was found in it when it was made; or one that is joined from tracks. */
export async function renditionOutput(
  output: OutputWork,
  { hash, operation, joined }: RenditionPlan,
  renderer: Renderer,
): Promise<Certificate> {
  if (joined) return tracksOutput(output, joined, renderer);
  const { planned, plan, combination, work } = output;
  const { parts } = renderer.tenants.of(planned.fact.tenant);
  const part = { kind: "rendition" as const, hash };
  // The failure of a clip keeps its block and choice.
  if (!combination.input) await awaitParts(output, partsIn([{ case: "join", combination }]), parts, renderer);
  await awaitParts(output, [part], parts, renderer).catch(namingOutput(output, operation));
  const index = await renderer.awaited.index(parts, part, planned.fact);
  linkSpan(work.span, [index.traceparent]);
  if (index.kind.case !== "rendition") throw new PolyreelError("internal", `Output ${plan.number} is no rendition.`);
  const { format, durationSeconds, video, audio, warnings, unchanged, frames, waveform, ssim } = index.kind.value;
  return create(CertificateSchema, {
    sizeBytes: index.payloadBytes,
    operation: {
      case: "rendition",
      value: {
        ...{ sha256: index.payloadSha256, format, durationSeconds, unchanged, frames },
        ...(video && { video }),
        ...(audio && { audio }),
        ...(waveform && { waveform }),
        ...(ssim && { ssim }),
      },
    },
    warnings: [...combination.warnings, ...warnings.map((reason) => create(WarningSchema, { reason }))],
  });
}

/** For `catch`: the setting of a failure becomes that of this output. Combinations and outputs may share the part. */
const namingOutput =
  ({ plan: { number }, combination: { choices, input } }: OutputWork, operation: string) =>
  (error: unknown): never => {
    if (!(error instanceof PolyreelError) || error.code === "cancelled") throw error;
    const [{ block, choice } = { block: "", choice: "" }] = input ? choices : [];
    const { field: setting, reason, remedy, code } = error.failure;
    const field = [`outputs[${number}]`, operation, setting].filter(Boolean).join(".");
    throw new PolyreelError(
      error.code,
      { block, choice, field, reason, remedy, code },
      { cause: error, outage: error.outage },
    );
  };
