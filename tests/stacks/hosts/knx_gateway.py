"""Answers a KNXnet/IP description request on ADDRESS, port 13671, in xknx's own words.

xknx is a client library; its message classes read our request and write the answer.
"""

import socket
import sys

from xknx.knxip import KNXIPFrame
from xknx.knxip.description_request import DescriptionRequest
from xknx.knxip.description_response import DescriptionResponse
from xknx.knxip.dib import DIBDeviceInformation, DIBSuppSVCFamilies
from xknx.knxip.knxip_enum import DIBServiceFamily
from xknx.telegram import IndividualAddress

device = DIBDeviceInformation()
device.individual_address = IndividualAddress("1.1.250")
device.serial_number = "00:c5:01:02:d4:e7"
device.mac_address = "00:24:6d:01:02:03"
device.name = "KNX IP Interface 731"
families = DIBSuppSVCFamilies()
for family in (
    DIBServiceFamily.CORE,
    DIBServiceFamily.DEVICE_MANAGEMENT,
    DIBServiceFamily.TUNNELING,
):
    families.families.append(DIBSuppSVCFamilies.Family(family, 1))
answer = DescriptionResponse()
answer.dibs += [device, families]
reply = KNXIPFrame.init_from_body(answer).to_knx()

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as plug:
    plug.bind((sys.argv[1], 13671))
    print("ready", flush=True)
    while True:
        data, peer = plug.recvfrom(2048)
        frame, _ = KNXIPFrame.from_knx(data)
        if isinstance(frame.body, DescriptionRequest):
            plug.sendto(reply, peer)
