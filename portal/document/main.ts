// The page that draws a PDF which somebody sent. The server gives it an origin of its own (CSP: sandbox), without cookies and without a way to anywhere:
// it is handed the bytes by the page around it, and whatever a document made of its reader could reach nothing but this frame.
import './document.css';
import * as pdf from 'pdfjs-dist';
// Found by pdf.js as `globalThis.pdfjsWorker`: a worker cannot be started from here, so all work is this frame's.
import 'pdfjs-dist/build/pdf.worker.mjs';
import type { DocumentMessage } from './messages.ts';

/** A certificate has one or two; a document of thousands shall not keep the reader's machine busy. */
const MOST_PAGES = 20;
const MOST_PIXELS = 2 ** 24;

const tell = (message: DocumentMessage): void => parent.postMessage(message, '*');

async function draw(data: ArrayBuffer): Promise<void> {
  const document_ = await pdf.getDocument({
    data,
    // Nothing is loaded: fonts that a document does not bring are the reader's own.
    useSystemFonts: true,
    isEvalSupported: false,
    useWasm: false,
    enableXfa: false,
    maxImageSize: MOST_PIXELS,
    verbosity: pdf.VerbosityLevel.ERRORS,
  }).promise;
  const pages = document.getElementById('pages')!;
  pages.replaceChildren();
  const drawn = Math.min(document_.numPages, MOST_PAGES);
  for (let number = 1; number <= drawn; number++) pages.append(await drawPage(document_, number));
  tell({ state: 'shown', pages: document_.numPages, drawn });
}

async function drawPage(document_: pdf.PDFDocumentProxy, number: number): Promise<HTMLCanvasElement> {
  const page = await document_.getPage(number);
  const whole = page.getViewport({ scale: 1 });
  const wanted = (Math.max(innerWidth, 600) * devicePixelRatio) / whole.width;
  const scale = Math.min(wanted, Math.sqrt(MOST_PIXELS / (whole.width * whole.height)));
  const viewport = page.getViewport({ scale });
  const canvas = document.createElement('canvas');
  canvas.width = Math.floor(viewport.width);
  canvas.height = Math.floor(viewport.height);
  await page.render({ canvas, viewport, annotationMode: pdf.AnnotationMode.DISABLE }).promise;
  const { items } = await page.getTextContent();
  const text = items.map((item) => ('str' in item ? item.str : '')).join(' ');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', `Page ${number}: ${text.trim() || 'a picture without text'}`);
  return canvas;
}

addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
  if (source !== parent || !(data instanceof ArrayBuffer)) return;
  draw(data).catch(() => tell({ state: 'failed' }));
});
tell({ state: 'ready' });
