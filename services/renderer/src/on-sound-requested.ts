import { clone } from "@bufbuild/protobuf";
import { type PartRequested, type SoundRecipe, SoundRecipeSchema } from "@polyreel/contract";
import { soundEncoder } from "@polyreel/media/ffmpeg";
import { mixSound, type PcmInput, requireSound, stretchOf } from "@polyreel/media/sound";
import type { PartStore } from "@polyreel/parts";
import type { Work } from "@polyreel/pipeline";
import { PolyreelError, Releasers } from "@polyreel/platform";
import type { FactMessage } from "@polyreel/platform/stream";
import { linkSpan } from "@polyreel/platform/telemetry";
import { namingSource } from "./failures.js";
import { requireBuild } from "./require-build.js";
import type { Renderer } from "./service.js";
import { decodeStretch } from "./source-sound.js";

/** Mixes and encodes a soundtrack, once. */
export async function onSoundRequested(
  told: FactMessage<"sound.requested">,
  work: Work,
  renderer: Renderer,
): Promise<void> {
  const { fact } = told;
  if (fact.recipe.case !== "sound")
    throw new PolyreelError("internal", "A soundtrack was requested without its recipe.");
  const recipe = clone(SoundRecipeSchema, fact.recipe.value);
  const { parts } = renderer.tenants.of(fact.tenant);
  if (fact.force || !(await parts.has("sound", fact.hash))) await ensureVoices(fact, recipe, parts, work, renderer);
  await renderer.maker.answer(parts, told, "sound", work, async ({ signal, tempDir, onProgress }) => {
    requireBuild(recipe.encoder, await soundEncoder());
    const inputs: PcmInput[] = [];
    await using releasers = new Releasers();
    const use = (input: PcmInput & AsyncDisposable) => {
      releasers.add(() => input[Symbol.asyncDispose]());
      inputs.push(input);
    };
    for (const [i, event] of recipe.events.entries()) {
      if (event.input.case === "voiceHash") {
        const hash = event.input.value;
        const index = await parts.index("voice", hash);
        if (index?.kind.case !== "pcm")
          throw new PolyreelError("unavailable", "A voice line is missing from the store.", { outage: false });
        linkSpan(work.span, [index.traceparent]);
        use({ ...(await parts.open("voice", hash)), index: index.kind.value });
      } else if (event.input.case === "sourceSha256") {
        const stretch = stretchOf(event, event.input.value);
        const decode = async () => {
          const input = await decodeStretch(stretch, fact.tenant, signal, renderer);
          use(input);
          event.inputStart -= stretch.start;
          requireSound(event, input.index);
        };
        await decode().catch(namingSource(fact.origins[i]));
      }
    }
    const { encoder } = renderer;
    const { payloadPath, index } = await mixSound(recipe, inputs, { signal, tempDir, encoder, onProgress });
    return { payloadPath, index: { kind: { case: "sound", value: index } } };
  });
}

/** Voice lines are spoken before a soundtrack is asked for: those that are not there are lost, and spoken again. */
async function ensureVoices(
  { batchId, attempt }: PartRequested,
  { events }: SoundRecipe,
  parts: PartStore,
  { signal, outsideSlot }: Work,
  { board, requests }: Renderer,
): Promise<void> {
  for (const { input } of events) {
    if (input.case !== "voiceHash" || (await parts.has("voice", input.value))) continue;
    const voice = { batchId, kind: "voice", hash: input.value, attempt: Math.max(1, attempt) + 1 } as const;
    await outsideSlot(async () => {
      await requests.again(voice);
      await board.wait(parts, voice, signal);
    });
  }
}
