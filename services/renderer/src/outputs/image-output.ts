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
  await awaitParts(output, [part], parts, renderer);
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
