import type { Certificate } from "@polyreel/contract";
import { tagsOf } from "@polyreel/media/join";
import { layOutAudio } from "@polyreel/media/operations";
import { PolyreelError } from "@polyreel/platform";
import type { Renderer } from "../service.js";
import { awaitParts, readIndex } from "./await-parts.js";
import type { OutputWork } from "./output-work.js";
import { soundWarnings } from "./sound-warnings.js";

/**
 * The soundtrack as an M4A: laid out and certified when the soundtrack exists, without waiting for clips. Other outputs
 * made of sound are planned as this one if there is none, which throws PolyreelError `invalid`.
 */
export async function audioOutput(output: OutputWork, renderer: Renderer): Promise<Certificate> {
  const { combination, plan } = output;
  const { soundHash: hash } = combination;
  if (!hash) throw soundless(plan.number);
  const { parts } = renderer.tenants.of(output.planned.fact.tenant);
  await awaitParts(output, [{ kind: "sound", hash }], parts, renderer);
  return output.make(async () => {
    const index = await readIndex(output, "sound", hash, parts, renderer);
    const { certificate } = layOutAudio({ hash, index }, tagsOf(combination));
    certificate.warnings.push(...combination.warnings, ...soundWarnings(index));
    return certificate;
  });
}

const soundless = (output: number): PolyreelError =>
  new PolyreelError("invalid", {
    field: `outputs[${output}]`,
    reason: "This combination has no audible sound, of which this output is made.",
    remedy: "Add audible footage, a voice or music, or exclude such combinations with a rule (where).",
  });
