import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  MediaContainer,
  type RenditionCertificateSchema,
  type RenditionIndex,
  type SoundIndex,
} from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { layoutFault, literalsSha256 } from "../../join/certificate.js";
import { clipsFault, packetsFault } from "../../join/joinable.js";
import { type Layout, layOut } from "../../join/layout.js";
import type { ClipPart, SoundPart } from "../../join/parts.js";
import { layOutWebm, OPUS_PACKET_SAMPLES } from "../../join/webm/layout-webm.js";
import { PACKET_SAMPLES } from "../../sound/adts.js";
import { SAMPLE_RATE } from "../../sound/pcm.js";
import { formatOf } from "../formats.js";

/** A track of a clip, with what was found in it when it was made. */
interface ClipTrack {
  readonly hash: string;
  readonly index: RenditionIndex;
}

/** A track of a soundtrack; or a soundtrack itself, as it is. */
type SoundTrack =
  | { readonly kind: "rendition"; readonly hash: string; readonly index: RenditionIndex }
  | { readonly kind: "sound"; readonly hash: string; readonly index: SoundIndex };

/** The tracks of a file, in their order. */
export interface Tracks {
  readonly container: MediaContainer;
  readonly clips: readonly ClipTrack[];
  readonly sound: SoundTrack | undefined;
}

/** The file of tracks before any byte of it is written. Throws PolyreelError `internal` for renditions that are no tracks. */
export function layOutTracks(tracks: Tracks): Layout {
  const clips = tracks.clips.map(clipPart);
  const sound = tracks.sound && soundPart(tracks.sound);
  return tracks.container === MediaContainer.WEBM ? layOutWebm(clips, sound) : layOut(clips, sound);
}

/**
 * Checks a joined file before any byte of it is written, as `certify` does a joined MP4: that its tracks form one stream, in
 * length and order, and that each is in the layout completely. The tracks themselves were compared with what was asked for
 * when they were made. Throws PolyreelError `internal` with the violation.
 */
export function certifyTracks(tracks: Tracks, layout: Layout): MessageInitShape<typeof RenditionCertificateSchema> {
  const [first] = tracks.clips;
  const video = first?.index.video;
  if (!video) throw wrong("There are no clips.");
  const clips = tracks.clips.map(clipPart);
  const sound = tracks.sound && soundPart(tracks.sound);
  const codecs = new Set(tracks.clips.map(({ index }) => index.video?.codec));
  const fault = codecs.size > 1 ? "The clips are of different codecs." : clipsFault(clips, video.codec !== "vp9");
  if (fault) throw wrong(fault);
  const [{ index: picture }] = clips as [ClipPart];
  const frames = clips.reduce((sum, { index }) => sum + index.sizes.length, 0);
  const seconds = (frames * picture.sampleDuration) / picture.timescale;
  const audio = tracks.sound && soundOf(tracks.sound);
  const samples = audio?.codec === "opus" ? OPUS_PACKET_SAMPLES : PACKET_SAMPLES;
  const joinFault =
    (sound && packetsFault(sound.index, seconds * SAMPLE_RATE, samples)) ?? layoutFault(clips, sound, layout);
  if (joinFault) throw wrong(joinFault);
  const bytes = clips.reduce((sum, { index }) => sum + index.sizes.reduce((all, size) => all + size, 0), 0);
  return {
    ...{ literalsSha256: literalsSha256(layout), format: formatOf(tracks.container).name, frames },
    durationSeconds: Math.max(seconds, audio?.durationSeconds ?? 0),
    video: {
      ...{ codec: video.codec, width: picture.width, height: picture.height },
      ...{ frameRate: picture.timescale / picture.sampleDuration, durationSeconds: seconds, copied: false },
      kbps: Math.round((bytes * 8) / 1000 / seconds),
    },
    ...(audio && { audio }),
  };
}

function soundOf(sound: SoundTrack): NonNullable<MessageInitShape<typeof RenditionCertificateSchema>["audio"]> {
  if (sound.kind === "rendition") {
    if (!sound.index.audio) throw noTrack();
    return sound.index.audio;
  }
  const { channels, sampleRate, samples, loudnessLufs, truePeakDbtp } = sound.index;
  const durationSeconds = Number(samples) / sampleRate;
  return { codec: "aac", channels, sampleRate, durationSeconds, copied: true, loudnessLufs, truePeakDbtp };
}

function clipPart({ hash, index: { track, video } }: ClipTrack): ClipPart {
  if (track.case !== "clip") throw noTrack();
  return { kind: "rendition", hash, index: track.value, ...(video?.codec === "hevc" && { codec: "hevc" }) };
}

function soundPart({ kind, hash, index }: SoundTrack): SoundPart {
  if (kind === "sound") return { kind, hash, index };
  if (index.track.case !== "sound") throw noTrack();
  return { kind, hash, index: index.track.value };
}

const noTrack = () => new PolyreelError("internal", "A file was planned of renditions that are no tracks.");

const wrong = (reason: string): PolyreelError =>
  new PolyreelError("internal", { reason, remedy: "The output was not delivered; render it again, or report it." });
