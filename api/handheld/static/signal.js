// What the ear and the hand are told: right and wrong differ in pitch, rhythm and length, so that
// they are told apart without looking and without hearing colour names.

const TONES = {
  right: { wave: "sine", gain: 0.5, notes: [[880, 0, 0.07], [1319, 0.08, 0.12]] },
  wrong: { wave: "square", gain: 0.35, notes: [[196, 0, 0.16], [147, 0.2, 0.16], [147, 0.4, 0.3]] },
  kept: { wave: "triangle", gain: 0.4, notes: [[587, 0, 0.06]] },
};
const VIBRATIONS = { right: [40], wrong: [160, 70, 160, 70, 320], kept: [20, 40, 20] };

let audio = null;

/** Browsers let a page sound only after it was touched or typed on; call this from such an event. */
export function wake() {
  if (!("AudioContext" in window)) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
}

export function signal(mood) {
  // Kept readable for whoever checks a device: the last signal given.
  document.body.dataset.signal = mood;
  navigator.vibrate?.(VIBRATIONS[mood]);
  if (audio?.state !== "running") return;
  const { wave, gain, notes } = TONES[mood];
  for (const [pitch_hz, after_s, length_s] of notes) {
    const start = audio.currentTime + after_s;
    const tone = new OscillatorNode(audio, { type: wave, frequency: pitch_hz });
    const volume = new GainNode(audio, { gain: 0 });
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(gain, start + 0.008);
    volume.gain.setValueAtTime(gain, start + length_s - 0.02);
    volume.gain.linearRampToValueAtTime(0, start + length_s);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + length_s);
  }
}
