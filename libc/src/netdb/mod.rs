//! `<netdb.h>`: hosts, services and protocols, from `/etc/hosts`, `/etc/services`, `/etc/protocols` and DNS.
//!
//! A static program cannot load the plug-ins that `/etc/nsswitch.conf` may name: files come first, then DNS.

pub mod addrinfo;
mod dns;
pub mod hostent;
mod lookup;
pub mod nameinfo;
pub mod protocols;
pub mod services;
