import type { Certificate } from "@polyreel/contract";
import { tagsOf } from "@polyreel/media/join";
import { layOutAudio } from "@polyreel/media/operations";
import { PolyreelError } from "@polyreel/platform";
import type { Renderer } from "../service.js";
import { awaitParts, readIndex } from "./await-parts.js";
import type { OutputWork } from "./output-work.js";
import { soundWarnings } from "./sound-warnings.js";

/** The soundtrack as an M4A: laid out and certified when it is there, whatever the clips still wait for. */
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
    field: `outputs[${output}].audio`,
    reason: "Nothing is heard in this combination, so it has no sound to deliver.",
    remedy: "Give it footage, a voice or music that is heard, or leave such combinations out with a rule (where).",
  });
