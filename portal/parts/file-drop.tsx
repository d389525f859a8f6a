import { useId, useRef, useState } from 'react';
import { Unreachable, type Upload, upload } from '../api/client.ts';

/** A file dragged here or chosen, shown before anything is done with it, sent when it is taken. */
export function FileDrop({
  label,
  why,
  onSent,
}: {
  label: string;
  why: string;
  onSent: (sent: Extract<Upload, { ok: true }>, file: File) => void;
}) {
  const id = useId();
  // The page goes on being filled in while a file is sent: whoever is told at the end is told as the page stands then.
  const latest = useRef(onSent);
  latest.current = onSent;
  const [over, setOver] = useState(false);
  const [busy, setBusy] = useState(false);
  const [told, setTold] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const take = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    setBusy(true);
    setProblem(null);
    setTold(`Sending ${file.name}…`);
    try {
      const sent = await upload(file);
      if (sent.ok) latest.current(sent, file);
      else setProblem(sent.message);
      setTold(sent.ok ? `${file.name} is here.` : null);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
      setProblem('The server cannot be reached. Choose the file again when you are connected.');
      setTold(null);
    }
    setBusy(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a second way; the file field inside is the first
    <div
      className={over ? 'portal-drop portal-drop--over' : 'portal-drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        void take(event.dataTransfer.files[0]);
      }}
    >
      <label htmlFor={id}>{label}</label>
      <p className="portal-why" id={`${id}-why`}>
        {why} Drag it here, or choose it.
      </p>
      <input
        id={id}
        type="file"
        accept="application/pdf,image/png,image/jpeg"
        aria-describedby={`${id}-why`}
        disabled={busy}
        onChange={({ target }) => void take(target.files?.[0])}
      />
      <output>{told}</output>
      {problem && (
        <p role="alert" className="usa-error-message">
          {problem}
        </p>
      )}
    </div>
  );
}
