/** Characters a second. */
export const PACE = 15;

/** Sound in place of speech: a tone of 16-bit samples, as long as a text would take. */
export function spokenTone(text: string, rate: number): Buffer {
  const samples = Math.round((text.length / PACE) * rate);
  const bytes = Buffer.alloc(samples * 2);
  for (let i = 0; i < samples; i++)
    bytes.writeInt16LE(Math.round(8000 * Math.sin((2 * Math.PI * 220 * i) / rate)), i * 2);
  return bytes;
}
