import { create } from "@bufbuild/protobuf";
import { type Output, OutputSchema } from "@polyreel/contract";
import { extensionOf, operationOf } from "./operations.js";
import { unusedName } from "./unused-name.js";

/**
 * A storyboard with a second output, its WebVTT, unless another output is that; other outputs as they are. Pure and
 * idempotent. `names`: those of all outputs, to which the new one is added.
 */
export function withCues(output: Output, outputs: readonly Output[], names: Set<string>): Output[] {
  const { operation, name, as } = output;
  if (operation.case !== "storyboard" || operation.value.cuesOf !== "") return [output];
  const isCues = ({ operation: its }: Output) => its.case === "storyboard" && its.value.cuesOf === name;
  if (outputs.some(isCues)) return [output];
  const cues = create(OutputSchema, {
    ...{ name: unusedName(`${name}-cues`, names), to: output.to },
    operation: { case: "storyboard", value: { cuesOf: name } },
  });
  names.add(cues.name);
  const extension = extensionOf(operationOf(output).suffix);
  if (as.endsWith(extension)) cues.as = as.slice(0, -extension.length) + extensionOf(operationOf(cues).suffix);
  return [output, cues];
}
