//! An initramfs in the "newc" format, made without cpio, root or device nodes on the host.
//! Source: the kernel's `Documentation/driver-api/early-userspace/buffer-format.rst`.

const DIRECTORY: u32 = 0o040755;
const PROGRAM: u32 = 0o100755;
const FILE: u32 = 0o100644;
const CHARACTER_DEVICE: u32 = 0o020600;

/// An archive in the making.
#[derive(Default)]
pub struct Archive {
    bytes: Vec<u8>,
    entries: u32,
}

impl Archive {
    /// A directory; its parents must have been added.
    pub fn directory(&mut self, name: &str) {
        self.entry(name, DIRECTORY, &[], (0, 0));
    }

    /// A file, executable for all.
    pub fn program(&mut self, name: &str, content: &[u8]) {
        self.entry(name, PROGRAM, content, (0, 0));
    }

    /// A file that is not executable.
    pub fn file(&mut self, name: &str, content: &[u8]) {
        self.entry(name, FILE, content, (0, 0));
    }

    /// A character device.
    pub fn device(&mut self, name: &str, major: u32, minor: u32) {
        self.entry(name, CHARACTER_DEVICE, &[], (major, minor));
    }

    /// The finished archive.
    pub fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[], (0, 0));
        self.bytes
    }

    fn entry(&mut self, name: &str, mode: u32, content: &[u8], device: (u32, u32)) {
        self.entries += 1;
        let size = u32::try_from(content.len()).expect("a file below 4 GiB");
        let name_size = u32::try_from(name.len() + 1).expect("a short name");
        // ino, mode, uid, gid, nlink, mtime, filesize, devmajor, devminor, rdevmajor, rdevminor, namesize, check
        let fields = [self.entries, mode, 0, 0, 1, 0, size, 0, 0, device.0, device.1, name_size, 0];
        self.bytes.extend_from_slice(b"070701");
        for field in fields {
            self.bytes.extend_from_slice(format!("{field:08X}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.align();
        self.bytes.extend_from_slice(content);
        self.align();
    }

    fn align(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_header_name_content() {
        let mut archive = Archive::default();
        archive.program("ab", b"hello");
        let bytes = archive.finish();
        assert_eq!(&bytes[..14], b"07070100000001");
        assert_eq!(&bytes[14..22], b"000081ED");
        assert_eq!(&bytes[54..62], b"00000005");
        assert_eq!(&bytes[94..102], b"00000003");
        assert_eq!(&bytes[110..121], b"ab\0\0\0\0hello", "both padded to four bytes");
        assert_eq!(bytes.len() % 4, 0);
        assert!(bytes.windows(11).any(|w| w == b"TRAILER!!!\0"));
    }

    #[test]
    fn a_device_has_its_numbers() {
        let mut archive = Archive::default();
        archive.device("dev/console", 5, 1);
        let bytes = archive.finish();
        assert_eq!(&bytes[78..94], b"0000000500000001");
    }
}
