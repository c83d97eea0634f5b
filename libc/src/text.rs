//! Small texts on the stack: numbers and paths put together without the heap.

/// Writes `value` in decimal at the end of `buffer` and gives the digits.
pub fn decimal(mut value: u64, buffer: &mut [u8; 20]) -> &[u8] {
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            return &buffer[at..];
        }
    }
}

/// Puts pieces one after the other, with a NUL at the end, as far as the buffer goes; the text with its NUL.
pub fn concatenate<'b>(buffer: &'b mut [u8], pieces: &[&[u8]]) -> &'b [u8] {
    let mut length = 0;
    for piece in pieces {
        let take = piece.len().min(buffer.len() - 1 - length);
        buffer[length..length + take].copy_from_slice(&piece[..take]);
        length += take;
    }
    buffer[length] = 0;
    &buffer[..=length]
}

/// Reads a decimal number at the start of a text: the number, and what follows it. Nothing without a digit or past
/// `u64`.
pub fn parse_decimal(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits == 0 {
        return None;
    }
    let value = text[..digits]
        .iter()
        .try_fold(0u64, |value, b| value.checked_mul(10)?.checked_add(u64::from(b - b'0')))?;
    Some((value, &text[digits..]))
}
