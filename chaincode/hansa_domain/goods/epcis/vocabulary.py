"""The terms of CBV 2.0 and the GS1 Web Vocabulary that EPCIS 2.0 events may use as bare strings."""

from __future__ import annotations

CBV = "https://ref.gs1.org/cbv/"
WEB_VOCABULARY = "https://gs1.org/voc/"


def _terms(words: str) -> frozenset[str]:
    return frozenset(words.split())


BUSINESS_STEPS = _terms(
    """
    accepting arriving assembling collecting commissioning consigning creating_class_instance
    cycle_counting decommissioning departing destroying disassembling dispensing encoding
    entering_exiting holding inspecting installing killing loading other packing picking receiving
    removing repackaging repairing replacing reserving retail_selling sampling sensor_reporting
    shipping staging_outbound stock_taking stocking storing transporting unloading unpacking
    void_shipping
    """
)
DISPOSITIONS = _terms(
    """
    active available completeness_inferred completeness_verified conformant container_closed
    container_open damaged destroyed dispensed disposed encoded expired in_progress in_transit
    inactive mismatch_class mismatch_instance mismatch_quantity needs_replacement no_pedigree_match
    non_conformant non_sellable_other partially_dispensed recalled reserved retail_sold returned
    sellable_accessible sellable_not_accessible stolen unavailable unknown
    """
)
TRANSACTION_TYPES = _terms(
    """
    bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt
    """
)
SOURCE_TYPES = _terms(
    """
    location owning_party possessing_party
    """
)
ERROR_REASONS = _terms(
    """
    did_not_occur incorrect_data
    """
)
MEASUREMENT_TYPES = _terms(
    """
    AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance
    AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area
    Capacitance Conductance Conductivity Count Density Dimensionless DoseEquivalent
    DoseEquivalentRate DynamicViscosity ElectricCharge ElectricCurrent ElectricCurrentDensity
    ElectricFieldStrength Energy Exposure Force Frequency Illuminance Inductance Irradiance
    KinematicViscosity Length LinearMomentum Luminance LuminousFlux LuminousIntensity MagneticFlux
    MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate MassPerAreaTime
    MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux
    RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume
    Speed SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate
    VolumeFraction VolumetricFlux Wavenumber
    """
)
ALERT_TYPES = _terms(
    """
    ALARM_CONDITION ERROR_CONDITION
    """
)
COMPONENTS = _terms(
    """
    altitude axial_distance azimuth easting elevation_angle height latitude longitude northing
    polar_angle spherical_radius x y z
    """
)


def bare_term(value: str, prefix: str) -> str:
    """A CBV term without its namespace: ``https://ref.gs1.org/cbv/BizStep-shipping`` is ``shipping``.

    Args:
        value: bare string, ``cbv:`` compact form or full URI.
        prefix: ``BizStep-``, ``Disp-``, ``BTT-`` or ``SDT-``.
    """
    for namespace in (CBV, "cbv:"):
        if value.startswith(namespace + prefix):
            return value[len(namespace) + len(prefix) :]
    return value
