use super::super::fixture::Terminal;
use super::*;

fn screen(terminal: &Terminal, width: u16) -> Screen {
    Screen::new(Box::new(terminal.clone()), Box::new(move || width))
}

fn content(done: u64) -> Content {
    Content { text: format!("{done} of 20 done"), bar: Some((done, 20)) }
}

#[test]
fn the_line_is_replaced_and_removed() {
    let terminal = Terminal::default();
    let mut screen = screen(&terminal, 80);
    let start = Instant::now();
    screen.tick(start, true, || content(5));
    assert_eq!(terminal.shows(80), "[#####>--------------] 5 of 20 done");
    screen.tick(start + REDRAW, true, || content(20));
    assert_eq!(terminal.shows(80), "[####################] 20 of 20 done");
    screen.clear();
    assert_eq!(terminal.shows(80), "");
    let before = terminal.bytes();
    screen.clear();
    drop(screen);
    assert_eq!(terminal.bytes(), before, "a second time, and the end, cost nothing");
}

#[test]
fn output_between_two_frames_is_not_torn() {
    let mut terminal = Terminal::default();
    let mut screen = screen(&terminal, 80);
    let mut now = Instant::now();
    let mut expected = String::new();
    for round in 0..5 {
        screen.tick(now, true, || content(round));
        screen.clear();
        write!(terminal, "half a line of {round}, ").expect("writes");
        screen.tick(now + REDRAW, false, || content(round));
        writeln!(terminal, "and the rest").expect("writes");
        expected += &format!("half a line of {round}, and the rest\n");
        now += REDRAW * 2;
    }
    screen.tick(now, true, || content(6));
    assert_eq!(terminal.shows(80), expected + "[######>-------------] 6 of 20 done");
}

#[test]
fn frames_are_not_drawn_faster_than_anyone_looks() {
    let terminal = Terminal::default();
    let mut screen = screen(&terminal, 80);
    let start = Instant::now();
    screen.tick(start, true, || content(1));
    let one = terminal.bytes();
    screen.tick(start + REDRAW - Duration::from_millis(1), true, || unreachable!("not due"));
    assert_eq!(terminal.bytes(), one);
    screen.clear();
    screen.tick(start + COMEBACK, true, || content(2));
    assert_eq!(terminal.shows(80), "[##>-----------------] 2 of 20 done");
}

#[test]
fn the_line_fits_into_any_terminal() {
    for width in [0, 1, 19, 20, 21, 40, 69, 70, 71, 300] {
        let terminal = Terminal::default();
        let mut screen = screen(&terminal, width);
        let long = Content { text: "word ".repeat(40), bar: Some((1, 0)) };
        screen.tick(Instant::now(), true, || long.clone());
        screen.tick(Instant::now() + REDRAW, true, || long);
        let width = if width == 0 { 80 } else { width };
        let shown = terminal.shows(width.max(2));
        assert!(!shown.contains('\n'), "one line in {width} columns: {shown:?}");
        assert_eq!(shown.is_empty(), width < NARROWEST, "{width} columns: {shown:?}");
        screen.clear();
        assert_eq!(terminal.shows(width.max(2)), "");
    }
}

#[test]
fn a_terminal_that_is_gone_ends_the_display() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut screen = Screen::new(Box::new(Gone), Box::new(|| 80));
    let now = Instant::now();
    screen.tick(now, true, || content(1));
    screen.tick(now + REDRAW, true, || unreachable!("nobody looks"));
    screen.clear();
}
