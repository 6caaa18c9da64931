//! Under a supervisor: sockets that are there already, and word of a start and a stop.

use std::net::{TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::Stdio;
use std::time::Duration;

use crate::shop::shop;

/// What a supervisor hears.
struct Ear(UnixDatagram);

impl Ear {
    fn next(&self) -> String {
        let mut message = [0; 256];
        let length = self.0.recv(&mut message).unwrap();
        String::from_utf8_lossy(&message[..length]).into_owned()
    }
}

#[test]
fn it_is_told_of_a_start_and_a_stop() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notify");
    let ear = Ear(UnixDatagram::bind(&path).unwrap());
    ear.0.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let shop = shop(&[]).env("NOTIFY_SOCKET", path.to_str().unwrap()).serve();
    assert_eq!(ear.next(), "READY=1\n");
    // Ready means ready.
    assert!(shop.post("/greet", "you").contains("hello you"));
    let request = shop.begin("/wait");
    shop.wait_for_file("begun");
    shop.signal("TERM");
    assert_eq!(ear.next(), "STOPPING=1\n", "while it still drains");
    shop.make_file("release");
    assert!(crate::shop::answer(request).contains("released"));
    assert_eq!(shop.ended().status, 0);
}

#[test]
fn a_socket_outlives_the_process_that_serves_it() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    for turn in 0..3 {
        let socket: OwnedFd = socket.try_clone().unwrap().into();
        let shop = shop(&[]).handed(socket.into(), 1).listen();
        assert_eq!(shop.address, address, "turn {turn}");
        assert!(shop.post("/greet", "you").contains("hello you"));
        shop.signal("TERM");
        let ended = shop.ended();
        assert_eq!(ended.status, 0, "{}", ended.err);
        // Nobody serves now, and nobody is refused: this one is for the next.
        let waiting = TcpStream::connect(address).unwrap();
        drop(waiting);
    }
}

#[test]
fn whoever_comes_between_two_processes_is_served_by_the_second() {
    use std::io::Write;
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    let hand = || Stdio::from(OwnedFd::from(socket.try_clone().unwrap()));
    let first = shop(&[]).handed(hand(), 1).listen();
    first.signal("TERM");
    assert_eq!(first.ended().status, 0);
    let mut early = TcpStream::connect(address).unwrap();
    early
        .write_all(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .unwrap();
    let second = shop(&[]).handed(hand(), 1).listen();
    assert!(crate::shop::answer(early).starts_with("HTTP/1.1 200 "));
    second.signal("TERM");
    assert_eq!(second.ended().status, 0);
}

#[test]
fn what_is_no_socket_or_one_too_many_is_told() {
    let ended = shop(&[]).handed(Stdio::null(), 1).run();
    assert_eq!(ended.status, 1, "{}", ended.err);
    assert!(ended.err.contains("handed over what is no TCP socket"), "{}", ended.err);
    let socket = OwnedFd::from(TcpListener::bind("127.0.0.1:0").unwrap());
    let ended = shop(&[]).handed(socket.into(), 2).run();
    assert_eq!(ended.status, 1, "{}", ended.err);
    assert!(ended.err.contains("handed over 2 sockets"), "{}", ended.err);
}
