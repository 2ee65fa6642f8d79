/**
 * The far picture in a window of its own, above all others.
 *
 * Door. The browser draws that window from the stream and knows nothing of a blur: what is veiled
 * never gets there, and leaves it at once.
 */

export function canFloat(): boolean {
  // Absent in Firefox, which has a button of its own, and in some phones' browsers.
  return (document as Partial<Document>).pictureInPictureEnabled === true;
}

/** Float it, or take it back. */
export async function float(video: HTMLVideoElement): Promise<void> {
  try {
    if (document.pictureInPictureElement === video) await document.exitPictureInPicture();
    else await video.requestPictureInPicture();
  } catch {
    // No picture yet, or the browser thinks better of it: it stays where it is.
  }
}

/** Whether this picture may float; one that may not does not. */
export function mayFloat(video: HTMLVideoElement, may: boolean): void {
  video.disablePictureInPicture = !may;
  if (!may && (document as Partial<Document>).pictureInPictureElement === video) {
    void document.exitPictureInPicture().catch(() => undefined);
  }
}
