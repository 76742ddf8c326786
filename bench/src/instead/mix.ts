/**
 * A single command for a soundtrack: the footage's sound, a voice that begins later, and a repeated bed that the voice
 * ducks. Loudness is not levelled, which would take a second pass.
 */
export function mixArguments(
  [footage = "", voice = "", bed = ""]: readonly string[],
  { voiceStartSeconds, seconds, output }: { voiceStartSeconds: number; seconds: number; output: string },
): string[] {
  const graph = [
    `[1:a]adelay=${Math.round(voiceStartSeconds * 1000)}:all=1,apad,asplit[voice][key]`,
    "[2:a][key]sidechaincompress=threshold=0.02:ratio=8[bed]",
    "[0:a][voice][bed]amix=inputs=3:normalize=0,alimiter=limit=0.8[a]",
  ].join(";");
  return [
    ...["-i", footage, "-i", voice, "-stream_loop", "-1", "-i", bed, "-filter_complex", graph, "-map", "[a]"],
    ...["-t", String(seconds), "-c:a", "aac", "-b:a", "160k", output],
  ];
}
