/** The demo batch: all four kinds of blocks, 3 x 3 x 2 x 2 x 2 = 72 combinations with two voices. */
export const demoBatch = (
  voices: readonly string[],
): string => `# What \`npm run demo\` renders. Change it and render it again:
#   npx polyreel render .demo/batch.yaml --out .demo/out
name: demo
canvas: {width: 540, height: 960, frameRate: 30, fit: cover}

blocks:
  - name: hook
    link: opening
    video:
      sound: muted
      choices:
        - source: media/sunrise.mp4
        - source: media/trio.mp4
        - source: media/pattern.mp4

  - name: headline
    link: opening # each hook has a headline of its own
    text:
      over: [hook]
      position: top
      size: 0.12
      safeArea: 0.1
      fadeIn: 300ms
      choices:
        - text: Summer in a can
        - text: Which one is yours?
        - text: New! Lemon

  - name: body
    video:
      sound: muted
      transition: {kind: crossfade, duration: 400ms} # into the call to action
      choices:
        - source: media/facts.mp4
        - source: media/review.mp4
        - source: media/ice.mp4

  - name: call
    video:
      sound: muted
      choices:
        - source: media/shop.mp4
        - source: media/store.mp4

  - name: speaker
    voice:
      at: hook
      offset: 500ms
      overrun: extend
      choices:
${voices.map(speech).join("\n")}

  - name: captions
    text:
      style: boxed
      position: bottom
      safeArea: 0.11
      size: 0.075
      box: {color: "#12333ae6", padding: 0.35, radius: 0.4}
      choices: [{captions: speaker}]

  - name: music
    audio:
      gainDb: -4
      duck: true
      loop: true
      choices:
        - source: media/sunny.wav
        - source: media/mellow.wav

naming: "{hook}_{body}_{call}_{speaker}_{music}"
`;

/** The choice of a voice: the same lines for each. */
const speech = (voice: string): string => `        - label: ${voice}
          voice: ${voice}
          text: Meet Limoya, the sparkling lemonade.
          next: [{text: "Real fruit, no sugar, and bubbles that last.", pause: 600ms}, {text: Get your six cans today!, pause: 600ms}]`;

/** The best-sounding of the available voices, two if there are two. */
export function chooseVoices(names: readonly string[]): string[] {
  const preferred = ["slt", "rms", "awb"].filter((name) => names.includes(name));
  return [...new Set([...preferred, ...names])].slice(0, 2);
}
