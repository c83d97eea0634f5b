//! Exported functions against the system's headers, by debugging information on both sides.
//!
//! For each exported symbol that a header declares, a C file gets a line `__typeof__(NAME) *tidal_probe_NAME;`. gcc's
//! DWARF of it and rustc's DWARF of `libc.a` then tell the parameters and the result on either side, as sizes and classes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use gimli::{AttributeValue, DebuggingInformationEntry, Dwarf, EndianSlice, LittleEndian, Unit, UnitOffset};
use object::{Object, ObjectSection, ObjectSymbol};
use tidal::tools;

type Slice<'a> = EndianSlice<'a, LittleEndian>;

/// What a register or stack slot holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// Nothing: `void`, `()`, `!`.
    Void,
    /// A pointer, a function pointer, or an `Option` of one.
    Pointer,
    /// A signed integer, of so many bytes.
    Signed(u64),
    /// An unsigned integer, of so many bytes.
    Unsigned(u64),
    /// A floating-point number, of so many bytes.
    Float(u64),
    /// A structure or union, of so many bytes.
    Aggregate(u64),
}

impl Class {
    /// Whether the x86-64 psABI passes both the same way, and no widening is lost.
    fn fits(self, other: Class) -> bool {
        use Class::{Aggregate, Pointer, Signed, Unsigned};
        match (self, other) {
            (a, b) if a == b => true,
            // Callers extend neither kind to 64 bits, and wider arithmetic is the callee's own affair.
            (Signed(a), Unsigned(b)) | (Unsigned(a), Signed(b)) => a == b,
            (Pointer, Unsigned(8) | Signed(8) | Aggregate(8))
            | (Unsigned(8) | Signed(8) | Aggregate(8), Pointer) => true,
            // A structure that one register holds, such as div_t, may be an integer on the other side.
            (Aggregate(a), Unsigned(b) | Signed(b)) | (Unsigned(b) | Signed(b), Aggregate(a)) => {
                a == b && a <= 8
            }
            _ => false,
        }
    }
}

/// A function's shape.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// What it returns.
    pub result: Class,
    /// What it takes.
    pub parameters: Vec<Class>,
    /// Whether more may follow.
    pub variadic: bool,
}

impl Signature {
    /// Whether a caller that knows `self` may call a function that is `other`.
    pub fn fits(&self, other: &Signature) -> bool {
        self.result.fits(other.result)
            && self.parameters.len() == other.parameters.len()
            && self.parameters.iter().zip(&other.parameters).all(|(a, b)| a.fits(*b))
    }
}

/// An object's debugging information, unit by unit.
struct Units<'a> {
    dwarf: Dwarf<Slice<'a>>,
    units: Vec<Unit<Slice<'a>>>,
}

/// A place in the debugging information: the unit's number, and the entry in it.
type Place = (usize, UnitOffset);

impl<'a> Units<'a> {
    fn parse(sections: &'a BTreeMap<String, Vec<u8>>) -> Result<Self> {
        let load = |id: gimli::SectionId| -> Result<Slice<'a>, gimli::Error> {
            Ok(EndianSlice::new(sections.get(id.name()).map_or(&[][..], Vec::as_slice), LittleEndian))
        };
        let dwarf = Dwarf::load(load)?;
        let (mut headers, mut units) = (dwarf.units(), Vec::new());
        while let Some(header) = headers.next()? {
            units.push(dwarf.unit(header)?);
        }
        Ok(Units { dwarf, units })
    }

    fn for_each_entry(
        &self,
        mut f: impl FnMut(usize, &DebuggingInformationEntry<'_, '_, Slice<'a>>) -> Result<()>,
    ) -> Result<()> {
        for (number, unit) in self.units.iter().enumerate() {
            let mut entries = unit.entries();
            while let Some((_, entry)) = entries.next_dfs()? {
                f(number, entry)?;
            }
        }
        Ok(())
    }

    fn string(&self, unit: usize, value: AttributeValue<Slice<'a>>) -> Result<String> {
        Ok(self.dwarf.attr_string(&self.units[unit], value)?.to_string_lossy().into_owned())
    }

    /// What an entry's `DW_AT_type` points to, in its own unit or, after link-time optimisation, in another.
    fn type_of(
        &self,
        unit: usize,
        entry: &DebuggingInformationEntry<'_, '_, Slice<'a>>,
    ) -> Result<Option<Place>> {
        Ok(match entry.attr_value(gimli::DW_AT_type)? {
            Some(AttributeValue::UnitRef(offset)) => Some((unit, offset)),
            Some(AttributeValue::DebugInfoRef(offset)) => {
                self.units.iter().enumerate().find_map(|(n, u)| Some((n, offset.to_unit_offset(&u.header)?)))
            }
            _ => None,
        })
    }

    fn class_at(&self, place: Option<Place>) -> Result<Class> {
        let Some((unit, offset)) = place else { return Ok(Class::Void) };
        let entry = self.units[unit].entry(offset)?;
        let size = entry.attr(gimli::DW_AT_byte_size)?.and_then(|a| a.udata_value()).unwrap_or(0);
        Ok(match entry.tag() {
            gimli::DW_TAG_pointer_type => Class::Pointer,
            gimli::DW_TAG_base_type => match entry.attr_value(gimli::DW_AT_encoding)? {
                Some(AttributeValue::Encoding(gimli::DW_ATE_float)) => Class::Float(size),
                // Passed as a structure of its two parts (psABI).
                Some(AttributeValue::Encoding(gimli::DW_ATE_complex_float)) => Class::Aggregate(size),
                Some(AttributeValue::Encoding(gimli::DW_ATE_signed | gimli::DW_ATE_signed_char)) => {
                    Class::Signed(size)
                }
                _ if size == 0 => Class::Void,
                _ => Class::Unsigned(size),
            },
            gimli::DW_TAG_enumeration_type => Class::Unsigned(size),
            gimli::DW_TAG_structure_type | gimli::DW_TAG_union_type if size == 0 => Class::Void,
            gimli::DW_TAG_structure_type | gimli::DW_TAG_union_type => Class::Aggregate(size),
            _ => self.class_at(self.type_of(unit, &entry)?)?,
        })
    }

    fn signature_at(&self, (unit, offset): Place) -> Result<Signature> {
        let mut tree = self.units[unit].entries_tree(Some(offset))?;
        let root = tree.root()?;
        let result = self.class_at(self.type_of(unit, root.entry())?)?;
        let (mut parameters, mut variadic) = (Vec::new(), false);
        let mut children = root.children();
        while let Some(child) = children.next()? {
            match child.entry().tag() {
                gimli::DW_TAG_formal_parameter => {
                    parameters.push(self.class_at(self.type_of(unit, child.entry())?)?);
                }
                gimli::DW_TAG_unspecified_parameters => variadic = true,
                _ => {}
            }
        }
        Ok(Signature { result, parameters, variadic })
    }
}

/// The debugging sections of a relocatable object with their relocations made: string offsets above all.
fn relocate(file: &object::File<'_>) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut sections = BTreeMap::new();
    for section in file.sections() {
        let name = section.name()?.to_owned();
        if !name.starts_with(".debug") {
            continue;
        }
        let mut data = section.uncompressed_data()?.into_owned();
        for (offset, relocation) in section.relocations() {
            let object::RelocationTarget::Symbol(index) = relocation.target() else { continue };
            let value = file.symbol_by_index(index)?.address().wrapping_add_signed(relocation.addend());
            let (at, size) = (offset as usize, usize::from(relocation.size()) / 8);
            if let Some(place) = data.get_mut(at..at + size) {
                place.copy_from_slice(&value.to_le_bytes()[..size]);
            }
        }
        sections.insert(name, data);
    }
    Ok(sections)
}

/// The functions that an object defines under C names, from rustc's debugging information.
pub fn defined_functions(bytes: &[u8]) -> Result<BTreeMap<String, Signature>> {
    let sections = relocate(&object::File::parse(bytes)?)?;
    let units = Units::parse(&sections)?;
    let mut found = BTreeMap::new();
    units.for_each_entry(|unit, entry| {
        let name = entry.attr_value(gimli::DW_AT_linkage_name)?.or(entry.attr_value(gimli::DW_AT_name)?);
        let is_definition = entry.attr_value(gimli::DW_AT_low_pc)?.is_some();
        if entry.tag() == gimli::DW_TAG_subprogram
            && is_definition
            && let Some(name) = name
        {
            found.insert(units.string(unit, name)?, units.signature_at((unit, entry.offset()))?);
        }
        Ok(())
    })?;
    Ok(found)
}

/// The probes' function types in an object that gcc compiled.
fn probed_functions(bytes: &[u8]) -> Result<BTreeMap<String, Signature>> {
    let sections = relocate(&object::File::parse(bytes)?)?;
    let units = Units::parse(&sections)?;
    let mut found = BTreeMap::new();
    units.for_each_entry(|unit, entry| {
        if entry.tag() != gimli::DW_TAG_variable {
            return Ok(());
        }
        let Some(name) = entry.attr_value(gimli::DW_AT_name)? else { return Ok(()) };
        let name = units.string(unit, name)?;
        if let (Some(name), Some(pointer)) = (name.strip_prefix("tidal_probe_"), units.type_of(unit, entry)?)
            && let Some(function) = units.type_of(pointer.0, &units.units[pointer.0].entry(pointer.1)?)?
        {
            found.insert(name.to_owned(), units.signature_at(function)?);
        }
        Ok(())
    })?;
    Ok(found)
}

/// The function types that the headers give to `names`.
pub fn header_signatures(
    includes: &Path,
    names: &[&str],
    work: &Path,
) -> Result<BTreeMap<String, Signature>> {
    let mut text = format!("#include \"{}\"\n", includes.display());
    for name in names {
        // Some names are macros too.
        text += &format!("#undef {name}\n__typeof__({name}) *tidal_probe_{name};\n");
    }
    let (source, object) = (work.join("probes.c"), work.join("probes.o"));
    fs::write(&source, text)?;
    tools::run(
        Command::new("gcc").args(["-D_GNU_SOURCE", "-g", "-w", "-c"]).arg(&source).arg("-o").arg(&object),
    )
    .context("cannot compile the probes")?;
    probed_functions(&fs::read(object)?)
}
