//! One line at the bottom of a terminal, drawn with indicatif, that gets out of everybody's way.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

/// A line that stands there is not drawn again earlier than this.
const REDRAW: Duration = Duration::from_millis(100);
/// A line that stepped aside comes back after this, so that a stream of small outputs does not make us draw all day.
const COMEBACK: Duration = Duration::from_millis(25);
/// In a narrower terminal nothing is drawn.
const NARROWEST: u16 = 20;
/// In a narrower terminal there is no room for a bar beside the text.
const ROOM_FOR_BAR: u16 = 70;

const CLEAR: &[u8] = b"\r\x1b[2K";

/// What the line says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// ASCII, without control characters; cut to the width of the terminal.
    pub text: String,
    /// So many of so many: a bar stands before the text.
    pub bar: Option<(u64, u64)>,
}

/// The line and the terminal under it.
///
/// indicatif only renders: into memory, whenever it likes. What is rendered goes to the terminal in one write, and
/// only when [`Screen::tick`] says so; so there is no drawing thread, nothing depends on indicatif's clock, and the bar
/// it draws when it is dropped wipes nobody's output.
pub struct Screen {
    bar: ProgressBar,
    canvas: Canvas,
    width: Box<dyn Fn() -> u16 + Send>,
    /// `None` once writing has failed: a terminal that is gone needs no display.
    out: Option<Box<dyn Write + Send>>,
    drawn: bool,
    last: Option<Instant>,
}

impl Screen {
    /// On standard error.
    pub fn on_stderr() -> Screen {
        let width = || rustix::termios::tcgetwinsize(io::stderr()).map_or(0, |size| size.ws_col);
        Screen::new(Box::new(io::stderr()), Box::new(width))
    }

    /// On a terminal of `width` columns; 0 where it is not known.
    pub fn new(out: Box<dyn Write + Send>, width: Box<dyn Fn() -> u16 + Send>) -> Screen {
        let canvas = Canvas::default();
        let target = ProgressDrawTarget::term_like(Box::new(canvas.clone()));
        let bar = ProgressBar::with_draw_target(None, target);
        Screen { bar, canvas, width, out: Some(out), drawn: false, last: None }
    }

    /// Draws the line if it is due and `may_draw`; `content` is asked only then.
    pub fn tick(&mut self, now: Instant, may_draw: bool, content: impl FnOnce() -> Content) {
        if !may_draw {
            // Either nothing is drawn, or we went to the background with the line on the screen, where others have
            // written since: it is no longer ours to clear.
            self.drawn = false;
            return;
        }
        let pause = if self.drawn { REDRAW } else { COMEBACK };
        if self.out.is_none() || self.last.is_some_and(|last| now.duration_since(last) < pause) {
            return;
        }
        self.last = Some(now);
        let width = match (self.width)() {
            0 => 80,
            width if width < NARROWEST => return,
            width => width,
        };
        let frame = self.render(width, content());
        self.write(&frame);
        self.drawn = true;
    }

    /// Takes the line off the terminal.
    pub fn clear(&mut self) {
        if std::mem::take(&mut self.drawn) {
            self.write(CLEAR);
        }
    }

    fn render(&mut self, width: u16, content: Content) -> Vec<u8> {
        // A terminal that has become narrower has wrapped the line; what it made of it can't be known.
        // The last column stays free: a terminal that wraps at once would need two lines.
        self.canvas.lock().width = width - 1;
        let bar = content.bar.filter(|_| width >= ROOM_FOR_BAR);
        let template = if bar.is_some() { "[{bar:20}] {wide_msg}" } else { "{wide_msg}" };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        self.bar.set_style(style.progress_chars("#>-"));
        if let Some((done, total)) = bar {
            self.bar.set_length(total);
            self.bar.set_position(done);
        }
        self.bar.set_message(content.text);
        // Each of these has rendered something already; only the last counts.
        self.canvas.lock().bytes.clear();
        self.bar.force_draw();
        // indicatif fills the line with spaces, which would wrap around in a terminal that becomes narrower.
        let mut frame = std::mem::take(&mut self.canvas.lock().bytes);
        frame.truncate(frame.trim_ascii_end().len());
        frame
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(out) = &mut self.out
            && out.write_all(bytes).and_then(|()| out.flush()).is_err()
        {
            self.out = None;
        }
    }
}

/// The terminal as indicatif sees it: a buffer.
#[derive(Clone, Default)]
struct Canvas(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    width: u16,
    bytes: Vec<u8>,
}

impl Canvas {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn push(&self, bytes: &[u8]) -> io::Result<()> {
        self.lock().bytes.extend_from_slice(bytes);
        Ok(())
    }

    fn move_cursor(&self, n: usize, direction: char) -> io::Result<()> {
        // A terminal takes 0 for 1.
        if n == 0 { Ok(()) } else { self.push(format!("\x1b[{n}{direction}").as_bytes()) }
    }
}

impl fmt::Debug for Canvas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canvas")
    }
}

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        // Before the first frame nothing is known, and indicatif divides by it.
        self.lock().width.max(NARROWEST)
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'A')
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'B')
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'C')
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.move_cursor(n, 'D')
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.push(text.as_bytes())?;
        self.push(b"\n")
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.push(text.as_bytes())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.push(CLEAR)
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
