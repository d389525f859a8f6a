import { useEffect, useRef } from 'react';

/** The spectrogram with a line where the recording stands. @param at 0 to 1 */
export function Spectrogram({ address, at }: { address: string; at: number }) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (line.current) line.current.style.left = `${Math.min(1, at) * 100}%`;
  }, [at]);
  return (
    <div className="portal-sound">
      <img src={address} alt="Mel spectrogram: 128 bands, low at the bottom, over the time of the recording" />
      <div className="portal-cursor" ref={line} />
    </div>
  );
}
