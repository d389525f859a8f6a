import { useEffect, useRef, useState } from 'react';
import { type DocumentMessage, isDocumentMessage } from '../document/messages.ts';

type Shown = DocumentMessage | { readonly state: 'loading' } | { readonly state: 'gone' };

/** A PDF that somebody sent, drawn in a frame that has an origin of its own: no cookies, no way out, nothing of the document runs. */
function SandboxedDocument({ url, about, reload }: { url: string; about: string; reload: () => void }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [shown, setShown] = useState<Shown>({ state: 'loading' });
  useEffect(() => {
    const abort = new AbortController();
    // Fetched here, where the session is, and handed over: the frame itself can ask for nothing.
    const give = async (): Promise<void> => {
      const response = await fetch(url, { signal: abort.signal });
      if (response.ok) frame.current?.contentWindow?.postMessage(await response.arrayBuffer(), '*');
      else setShown({ state: 'gone' });
    };
    const hear = ({ source, data }: MessageEvent<unknown>): void => {
      if (source !== frame.current?.contentWindow || !isDocumentMessage(data)) return;
      if (data.state !== 'ready') {
        setShown(data);
        return;
      }
      give().catch(() => {
        if (!abort.signal.aborted) setShown({ state: 'gone' });
      });
    };
    addEventListener('message', hear);
    return () => {
      removeEventListener('message', hear);
      abort.abort();
    };
  }, [url]);
  return (
    <div className="portal-document">
      {/* The address changes with the document, so that a frame shows one document alone. */}
      <iframe
        ref={frame}
        key={url}
        src="/document"
        sandbox="allow-scripts"
        title={`Document: ${about}`}
        loading="lazy"
      />
      <p className="portal-quiet" aria-live="polite">
        {shown.state === 'shown' &&
          `${shown.pages === 1 ? 'One page' : `${shown.pages} pages`}${shown.drawn < shown.pages ? `, the first ${shown.drawn} of them shown` : ''}. `}
        {shown.state === 'failed' && 'This file cannot be drawn: it may be broken, or no PDF at all. '}
        {shown.state === 'gone' ? (
          <>
            The document did not come; its address lasts for minutes.{' '}
            <button type="button" className="usa-button usa-button--unstyled" onClick={reload}>
              Ask for it again
            </button>
          </>
        ) : (
          <a href={url} target="_blank" rel="noreferrer">
            Save the file<span className="usa-sr-only">: {about}</span>
          </a>
        )}
      </p>
    </div>
  );
}

/** A document that somebody sent: pictures are drawn, which runs nothing; a PDF is drawn by pdf.js in a frame without cookies. */
export const SentDocument = ({
  contentType,
  ...document
}: {
  contentType: string;
  url: string;
  about: string;
  reload: () => void;
}) =>
  contentType.startsWith('image/') ? (
    <img className="portal-document" src={document.url} alt={`Document: ${document.about}`} />
  ) : (
    <SandboxedDocument {...document} />
  );
