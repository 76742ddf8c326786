import type { PartFactName } from "@polyreel/contract";
import type { Work } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import type { Speaker } from "./service.js";
import { speakLine } from "./speak-line.js";

/** Speaks a line, once. */
export async function onVoiceRequested(
  message: FactMessage<PartFactName<"requested">>,
  work: Work,
  { engines, tenants, maker }: Speaker,
): Promise<void> {
  const { fact } = message;
  if (fact.recipe.case !== "voice") throw new PolyreelError("internal", "A voice was requested without its recipe.");
  const line = fact.recipe.value;
  const { parts } = tenants.of(fact.tenant);
  const [origin] = fact.origins;
  await maker
    .answer(parts, message, "voice", work, (making) => speakLine(line, engines, making))
    .catch((error: unknown) => {
      throw error instanceof PolyreelError
        ? error.at({ block: origin?.block ?? "", choice: origin?.choice ?? "" })
        : error;
    });
}
