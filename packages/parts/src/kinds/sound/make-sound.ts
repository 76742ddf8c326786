import { clone } from "@bufbuild/protobuf";
import { SoundRecipeSchema } from "@polyreel/contract";
import { soundEncoder } from "@polyreel/media/ffmpeg";
import { mixSound, type PcmInput, requireSound, stretchOf } from "@polyreel/media/sound";
import { PolyreelError, Releasers } from "@polyreel/platform";
import { namingSource } from "../naming-origins.js";
import type { Makers } from "../part-kind.js";
import { decodeStretch } from "../pcm/decode-stretch.js";
import { requireBuild } from "../require-build.js";
import type { Workshop } from "../workshop.js";

/** Mixes and encodes a soundtrack. */
export const make: Makers<"sound"> = {
  sound: async (requested, { origins }, workshop) => {
    requireBuild(requested.encoder, await soundEncoder());
    const recipe = clone(SoundRecipeSchema, requested);
    const inputs: PcmInput[] = [];
    await using releasers = new Releasers();
    const use = (input: PcmInput & AsyncDisposable) => {
      releasers.add(() => input[Symbol.asyncDispose]());
      inputs.push(input);
    };
    for (const [i, event] of recipe.events.entries()) {
      if (event.input.case === "voiceHash") {
        use(await voiceLine(event.input.value, workshop));
      } else if (event.input.case === "sourceSha256") {
        const stretch = stretchOf(event, event.input.value);
        const decode = async () => {
          const input = await decodeStretch(stretch, workshop);
          use(input);
          event.inputStart -= stretch.start;
          requireSound(event, input.index);
        };
        await decode().catch(namingSource(origins[i]));
      }
    }
    const { payloadPath, index } = await mixSound(recipe, inputs, workshop);
    return { payloadPath, index: { kind: { case: "sound", value: index } } };
  },
};

async function voiceLine(hash: string, { parts, link }: Workshop): Promise<PcmInput & AsyncDisposable> {
  const index = await parts.index("voice", hash);
  if (index?.kind.case !== "pcm") {
    throw new PolyreelError("unavailable", "A voice line is missing from the store.", { outage: false });
  }
  link([index.traceparent]);
  return { ...(await parts.open("voice", hash)), index: index.kind.value };
}
