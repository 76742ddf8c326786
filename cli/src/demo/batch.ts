/** The demo batch: all four kinds of blocks, 3 x 2 x 3 x 2 x 2 = 72 combinations with two voices. */
export const demoBatch = (
  voices: readonly string[],
): string => `# What \`npm run demo\` renders. Change it and render it again:
#   npx polyreel render .demo/batch.yaml --out .demo/out
name: demo
canvas: {width: 540, height: 960, frameRate: 30, fit: cover}

blocks:
  - name: hook
    video:
      sound: muted
      choices:
        - source: media/aurora.mp4
        - source: media/sunset.mp4
        - source: media/bokeh.mp4

  - name: body
    video:
      sound: muted
      choices:
        - source: media/silk.mp4
        - {image: media/hills.png, duration: 4s}

  - name: headline
    text:
      over: [hook]
      position: top
      size: 0.11
      box: {color: "#00000066"}
      choices:
        - text: Half price today
        - text: Free delivery
        - text: New this week

  - name: speaker
    voice:
      at: hook
      offset: 400ms
      overrun: extend
      choices:
${voices.map((voice) => `        - {label: ${voice}, voice: ${voice}, text: "Every combination, at the cost of the blocks. Which one do you like best?"}`).join("\n")}

  - name: music
    audio:
      gainDb: -4
      duck: true
      loop: true
      choices:
        - source: media/morning.wav
        - source: media/evening.wav
`;

/** The best-sounding of the available voices, two if there are two. */
export function chooseVoices(names: readonly string[]): string[] {
  const preferred = ["slt", "rms", "awb"].filter((name) => names.includes(name));
  return [...new Set([...preferred, ...names])].slice(0, 2);
}
