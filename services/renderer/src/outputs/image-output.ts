import { create } from "@bufbuild/protobuf";
import { type Certificate, CertificateSchema, type ImagePlan } from "@polyreel/contract";
import { imageFormatName } from "@polyreel/media/image";
import { PolyreelError } from "@polyreel/platform";
import { linkSpan } from "@polyreel/platform/telemetry";
import type { Renderer } from "../service.js";
import { awaitParts } from "./await-parts.js";
import type { OutputWork } from "./output-work.js";

/** An image of an input: certified when its part exists, as it was read back and as it was asked for. */
export async function imageOutput(output: OutputWork, plan: ImagePlan, renderer: Renderer): Promise<Certificate> {
  const { fact } = output.planned;
  const { parts } = renderer.tenants.of(fact.tenant);
  const part = { kind: "image", hash: plan.hash } as const;
  await awaitParts(output, [part], parts, renderer).catch(namingOutput(output));
  return output.make(async () => {
    const { kind, payloadBytes, payloadSha256, traceparent } = await renderer.awaited.index(parts, part, fact);
    linkSpan(output.work.span, [traceparent]);
    if (kind.case !== "image") throw new PolyreelError("internal", "The index of an image describes no image.");
    const { format, width, height, quality, hasMetadata, hasProfile } = kind.value;
    return create(CertificateSchema, {
      sizeBytes: payloadBytes,
      operation: {
        case: "image",
        value: {
          ...{
            sha256: payloadSha256,
            format: imageFormatName(format),
            width,
            height,
            quality,
            hasMetadata,
            hasProfile,
          },
          ...{ askedWidth: plan.width, askedHeight: plan.height, askedMaxBytes: plan.maxBytes },
        },
      },
    });
  });
}

/** For `catch`: an image's failure with the output, and with the input of this combination: equal inputs share an image. */
const namingOutput =
  ({ combination: { choices }, plan: { number } }: OutputWork) =>
  (error: unknown): never => {
    const [input] = choices;
    if (!(error instanceof PolyreelError) || error.code === "cancelled" || !input) throw error;
    const { block, choice } = input;
    const { field: setting, reason, remedy, code } = error.failure;
    const field = [`outputs[${number}].image`, setting].filter(Boolean).join(".");
    const failure = { block, choice, field, reason, remedy, code };
    throw new PolyreelError(error.code, failure, { cause: error, outage: error.outage });
  };
